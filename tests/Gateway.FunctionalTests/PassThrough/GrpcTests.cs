using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace CacheGateway.FunctionalTests.PassThrough;

/// <summary>What gRPC needs: HTTP/2 from end to end, both directions at once, trailers.</summary>
public sealed class GrpcTests
{
    private const int Piece = 16 * 1024;
    private const int Pieces = 64;

    [Theory]
    [InlineData("application/grpc")]
    [InlineData("application/grpc+proto")]
    [InlineData("application/grpc-web")]
    [InlineData("application/octet-stream")]
    public async Task BidirectionalStream_OneMebibyteEachWay_PassesPieceByPieceWithTrailers(string type)
    {
        await using var origin = await GrpcOrigin.StartAsync();
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Settings = settings => settings with { Origin = origin.Address, OriginHttp2 = true, H2cUrls = ["http://127.0.0.1:0"] },
        });
        using var client = new HttpClient();
        using var content = new DuplexContent();
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(env.Addresses[1], "/echo.Echo/Both"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.TE.ParseAdd("trailers");

        var answering = client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var upload = await content.OpenedAsync();
        if (type == "application/grpc")
        {
            // The head comes before the first message.
            await Deadline.Within(answering, "the response's headers before anything was sent");
        }

        var sent = RandomNumberGenerator.GetBytes(Piece);
        await upload.WriteAsync(sent);
        await upload.FlushAsync();
        using var response = await Deadline.Within(answering, "the response's headers while the request is open");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await using var download = await response.Content.ReadAsStreamAsync();
        var echoed = new byte[Piece];
        for (var i = 0; i < Pieces; i++)
        {
            await Deadline.Within(download.ReadExactlyAsync(echoed).AsTask(), $"the echo of piece {i}");
            Assert.Equal(sent, echoed);
            sent = RandomNumberGenerator.GetBytes(Piece);
            await upload.WriteAsync(sent);
            await upload.FlushAsync();
        }

        await Deadline.Within(download.ReadExactlyAsync(echoed).AsTask(), "the echo of the last piece");

        content.Complete();
        Assert.Equal(0, await Deadline.Within(download.ReadAsync(echoed).AsTask(), "the end of the response"));

        Assert.Equal("HTTP/2", Assert.Single(response.Headers.GetValues("X-Seen-Protocol")));
        Assert.Equal("trailers", Assert.Single(response.Headers.GetValues("X-Seen-TE")));
        Assert.Equal("0", Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
    }

    /// <summary>Clients take a head that does not end there, and an end without trailers, for a broken answer, whatever its status says.</summary>
    [Fact]
    public async Task AnswerThatIsTrailersOnly_StaysOneFrame()
    {
        await using var origin = await GrpcOrigin.StartAsync();
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Settings = settings => settings with { Origin = origin.Address, OriginHttp2 = true, H2cUrls = ["http://127.0.0.1:0"] },
        });
        await using var client = await H2Client.ConnectAsync(env.Addresses[1]);
        await client.SendAsync(
            H2Client.Headers, H2Client.EndHeaders | H2Client.EndStream, 1,
            H2Client.Block(":method: POST", ":scheme: http", ":authority: gw.test", ":path: /fail", "content-type: application/grpc", "te: trailers"));

        H2Frame? frame;
        do
        {
            frame = await Deadline.Within(client.ReadAsync(), "the answer");
        }
        while (frame is { Type: not H2Client.Headers });

        Assert.True((frame!.Flags & H2Client.EndStream) != 0, "the head does not end the stream");
    }
}
