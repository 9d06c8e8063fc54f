using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace CacheGateway.FunctionalTests.Speed;

/// <summary>A hit costs the process hardly more memory than a bare server that sends the same bytes.</summary>
[Collection(nameof(MeasuresAllocation))]
public sealed class HitAllocationTests(ITestOutputHelper output)
{
    /// <summary>The promise: whole process, over sockets.</summary>
    private const double AllowedBytes = 64;

    private const int Requests = 2000;

    private static readonly byte[] Body = Encoding.ASCII.GetBytes(new string('x', 1024));

    [Theory]
    [InlineData("", 200)]
    [InlineData("If-None-Match: \"v1\"\r\n", 304)]
    [InlineData("Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\nAccept-Encoding: gzip, deflate, br\r\nUser-Agent: Mozilla/5.0\r\n", 200)]
    public async Task Hit_OverSockets_AllocatesHardlyMoreThanBareKestrel(string fields, int status)
    {
        await using var bare = await BareAsync(status);
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/a", Reply.Bytes(Body, "Cache-Control: max-age=3600", "Content-Type: text/plain", "ETag: \"v1\""));
        await env.GetAsync("/a");
        var request = $"GET /a HTTP/1.1\r\nHost: {env.Address.Authority}\r\n{fields}\r\n";

        // The least of several rounds: what other threads of the process do now and then only ever adds.
        var (kestrel, gateway) = (double.MaxValue, double.MaxValue);
        for (var round = 0; round < 5; round++)
        {
            kestrel = Math.Min(kestrel, await BytesPerRequestAsync(new Uri(bare.Urls.First()), request, status));
            gateway = Math.Min(gateway, await BytesPerRequestAsync(env.Address, request, status));
        }

        output.WriteLine($"bare Kestrel {kestrel:F1}, gateway {gateway:F1} bytes a request");
        Assert.Equal(1, env.Origin.Requests("/a"));
        Assert.True(gateway <= kestrel + AllowedBytes, $"bare Kestrel {kestrel:F1}, gateway {gateway:F1} bytes a request");
    }

    /// <summary>In the thread pool: what waits for an answer must not hold a thread that is to be told of it.</summary>
    private static Task<double> BytesPerRequestAsync(Uri address, string request, int status) => Task.Run(() => BytesPerRequest(address, request, status));

    /// <summary>Asks on one connection, itself without allocating.</summary>
    private static double BytesPerRequest(Uri address, string request, int status)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, address.Port);
        var bytes = Encoding.ASCII.GetBytes(request);
        var buffer = new byte[8192];
        var start = Encoding.ASCII.GetBytes($"HTTP/1.1 {status} ");
        long before = 0;
        for (var i = 0; i < Requests * 2; i++)
        {
            if (i == Requests)
            {
                before = GC.GetTotalAllocatedBytes(precise: true);
            }

            socket.Send(bytes);
            var have = 0;
            int end;
            do
            {
                have += socket.Receive(buffer, have, buffer.Length - have, SocketFlags.None);
                end = buffer.AsSpan(0, have).IndexOf("\r\n\r\n"u8);
            }
            while (end < 0 || have < end + 4 + (status == 304 ? 0 : Body.Length));
            Assert.True(buffer.AsSpan(0, have).StartsWith(start));
        }

        return (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Requests;
    }

    private static async Task<WebApplication> BareAsync(int status)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
        });
        var app = builder.Build();
        app.Run(context =>
        {
            var response = context.Response;
            response.Headers.CacheControl = "max-age=3600";
            response.Headers.ETag = "\"v1\"";
            response.Headers.Age = "0";
            response.Headers["Cache-Status"] = "CacheGateway; hit; ttl=3599; detail=fresh";
            if (status == 304)
            {
                response.StatusCode = status;
                return Task.CompletedTask;
            }

            response.ContentType = "text/plain";
            response.ContentLength = Body.Length;
            var written = response.BodyWriter.WriteAsync(Body);
            return written.IsCompletedSuccessfully ? Task.CompletedTask : written.AsTask();
        });
        await app.StartAsync();
        return app;
    }
}
