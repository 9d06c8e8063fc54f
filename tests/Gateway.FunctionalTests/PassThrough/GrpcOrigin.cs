using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CacheGateway.FunctionalTests.PassThrough;

/// <summary>An origin on HTTP/2 with prior knowledge that sends each piece of the request back as it comes, and trailers at the end.</summary>
internal sealed class GrpcOrigin : IAsyncDisposable
{
    private readonly WebApplication _server;

    private GrpcOrigin(WebApplication server) => _server = server;

    public string Address => _server.Urls.First();

    public static async Task<GrpcOrigin> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        var server = builder.Build();
        server.Run(EchoAsync);
        await server.StartAsync();
        return new GrpcOrigin(server);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static async Task EchoAsync(HttpContext context)
    {
        if (context.Request.Path == "/fail")
        {
            // The whole answer in one frame, as servers do that have nothing to say but why not.
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = "5";
            return;
        }

        context.Response.ContentType = "application/grpc";
        context.Response.Headers["X-Seen-Protocol"] = context.Request.Protocol;
        context.Response.Headers["X-Seen-TE"] = context.Request.Headers.TE.ToString();
        context.Response.DeclareTrailer("grpc-status");
        await context.Response.Body.FlushAsync();
        while (true)
        {
            var read = await context.Request.BodyReader.ReadAsync();
            foreach (var piece in read.Buffer)
            {
                await context.Response.BodyWriter.WriteAsync(piece);
            }

            context.Request.BodyReader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                break;
            }
        }

        context.Response.AppendTrailer("grpc-status", "0");
    }
}
