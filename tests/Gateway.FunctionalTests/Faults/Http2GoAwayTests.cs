using System.Net;
using System.Net.Sockets;

namespace CacheGateway.FunctionalTests.Faults;

/// <summary>An HTTP/2 origin takes its leave (GOAWAY) while requests are under way on the connection.</summary>
public sealed class Http2GoAwayTests : IDisposable
{
    private const byte NoError = 0, InternalError = 2;

    private readonly TcpListener _origin = new(IPAddress.Loopback, 0);

    public Http2GoAwayTests() => _origin.Start();

    public void Dispose() => _origin.Dispose();

    [Theory]
    [InlineData(NoError)]
    [InlineData(InternalError)]
    [Fault("F-35", "An HTTP/2 origin goes away and says that it has not looked at the request: it is sent once more on another connection, and the answer is stored")]
    public async Task BeforeItLooked_TheRequestIsSentOnceMore(byte code)
    {
        await using var env = await StartAsync();
        var answer = env.GetAsync("/x");
        await using var left = await H2Client.AcceptAsync(_origin);
        await left.RequestAsync();

        await left.GoAwayAsync(last: 0, code);
        await using var next = await H2Client.AcceptAsync(_origin);
        var stream = await next.RequestAsync();
        await BeginAsync(next, stream);
        await next.SendAsync(H2Client.Data, H2Client.EndStream, stream, "whole"u8.ToArray());

        Assert.Equal((200, "whole", true), ((await answer).Status, (await answer).Text, (await answer).Complete));
        CacheAssert.Hit(await env.GetAsync("/x"));
    }

    [Fact]
    [Fault("F-35", "An HTTP/2 origin goes away inside an answer and finishes it: the client gets the whole, it is stored, and the next request takes another connection")]
    public async Task InsideAnAnswerThatItFinishes_TheWholeIsStored()
    {
        await using var env = await StartAsync();
        var answer = env.GetAsync("/x");
        await using var left = await H2Client.AcceptAsync(_origin);
        var stream = await left.RequestAsync();
        await BeginAsync(left, stream);
        await left.SendAsync(H2Client.Data, 0, stream, "half "u8.ToArray());

        await left.GoAwayAsync(stream, NoError);
        await left.SendAsync(H2Client.Data, H2Client.EndStream, stream, "whole"u8.ToArray());

        Assert.Equal((200, "half whole", true), ((await answer).Status, (await answer).Text, (await answer).Complete));
        CacheAssert.Hit(await env.GetAsync("/x"));
        var other = env.GetAsync("/y");
        await using var next = await H2Client.AcceptAsync(_origin);
        stream = await next.RequestAsync();
        await BeginAsync(next, stream);
        await next.SendAsync(H2Client.Data, H2Client.EndStream, stream, "y"u8.ToArray());
        Assert.Equal((200, "y", true), ((await other).Status, (await other).Text, (await other).Complete));
    }

    [Theory]
    [InlineData(NoError)]
    [InlineData(InternalError)]
    [Fault("F-35", "An HTTP/2 origin goes away inside an answer and closes: the client sees an abnormal end, nothing is stored, the next request asks anew")]
    public async Task InsideAnAnswerThatItLeaves_NobodySeesAWhole(byte code)
    {
        await using var env = await StartAsync();
        var answer = env.GetAsync("/x");
        await using (var left = await H2Client.AcceptAsync(_origin))
        {
            var stream = await left.RequestAsync();
            await BeginAsync(left, stream);
            await left.SendAsync(H2Client.Data, 0, stream, "half"u8.ToArray());
            await left.GoAwayAsync(stream, code);
        }

        // The end may overtake what came before it: then nothing of the answer went on, and the client is told so in full.
        Assert.True(!(await answer).Complete || (await answer).Status == 502, (await answer).ToString());
        var whole = env.GetAsync("/x");
        await using var next = await H2Client.AcceptAsync(_origin);
        var again = await next.RequestAsync();
        await BeginAsync(next, again);
        await next.SendAsync(H2Client.Data, H2Client.EndStream, again, "whole"u8.ToArray());
        Assert.Equal((200, "whole", true), ((await whole).Status, (await whole).Text, (await whole).Complete));
        CacheAssert.Miss(await whole);
    }

    private static Task BeginAsync(H2Client origin, int stream) =>
        origin.SendAsync(H2Client.Headers, H2Client.EndHeaders, stream, H2Client.Block(":status: 200", "cache-control: max-age=60"));

    private Task<GatewayEnvironment> StartAsync() => GatewayEnvironment.StartAsync(new EnvironmentOptions
    {
        Settings = settings => settings with { Origin = $"http://{_origin.LocalEndpoint}", OriginHttp2 = true },
    });
}
