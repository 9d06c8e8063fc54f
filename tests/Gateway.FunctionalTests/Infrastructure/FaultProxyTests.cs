using System.Net;
using System.Net.Sockets;
using System.Text;
using CacheGateway.FunctionalTests.Redis;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>The proxy does what it says and counts it: where it lied, every test of a fault would.</summary>
public sealed class FaultProxyTests
{
    [Fact]
    public async Task WithoutFaults_BytesGoThroughBothWays()
    {
        await using var origin = ScriptedOrigin.Start(new ManualTime());
        origin.Get("/x", Reply.Ok("body"));
        await using var proxy = FaultProxy.Before(origin.Port);
        await using var client = await RawClient.ConnectAsync(proxy.Url);

        Assert.Equal("body", (await client.GetAsync("/x")).Text);
        Assert.Equal("body", (await client.GetAsync("/x")).Text);

        Assert.Equal((1, 1), (proxy.Accepted, proxy.Open));
        Assert.True(proxy.ToServer.Forwarded > 0 && proxy.ToClient.Forwarded > 0);
    }

    [Fact]
    public async Task ResetAfter_CutsMidBody_AndCloseAfter_EndsWithFin()
    {
        await using var origin = ScriptedOrigin.Start(new ManualTime());
        origin.Get("/x", Reply.Ok(new string('x', 1000)));
        await using var proxy = FaultProxy.Before(origin.Port);

        proxy.ToClient.ResetAfter = 300;
        Assert.False((await GetAsync(proxy)).Complete);
        Assert.Equal((1, 1), (proxy.Resets, proxy.ToClient.Ended));
        proxy.ToClient.ResetAfter = null;
        proxy.ToClient.CloseAfter = 300;
        Assert.False((await GetAsync(proxy)).Complete);
        Assert.Equal((1, 2), (proxy.Resets, proxy.ToClient.Ended));
    }

    [Fact]
    public async Task HeldLine_SendsNothing_UntilReleased()
    {
        await using var origin = ScriptedOrigin.Start(new ManualTime());
        origin.Get("/x", Reply.Ok("body"));
        await using var proxy = FaultProxy.Before(origin.Port);
        proxy.ToClient.Hold();

        var answer = GetAsync(proxy);
        await Deadline.Until(() => Task.FromResult(proxy.ToClient.Held == 1), "the answer waits");
        Assert.False(answer.IsCompleted);
        proxy.ToClient.Release();

        Assert.Equal("body", (await answer).Text);
    }

    [Fact]
    public async Task SlicedSlowAndLate_ArrivesWhole()
    {
        await using var origin = ScriptedOrigin.Start(new ManualTime());
        origin.Get("/x", Reply.Ok(new string('x', 300)));
        await using var proxy = FaultProxy.Before(origin.Port);
        proxy.ToClient.Slice = 7;
        proxy.ToClient.Delay = TimeSpan.FromMilliseconds(1);
        proxy.ToClient.Jitter = 0.5;
        proxy.ToClient.BytesPerSecond = 100_000;

        Assert.Equal(300, (await GetAsync(proxy)).Body.Length);
        Assert.True(proxy.ToClient.Sliced > 0 && proxy.ToClient.Delayed > 0);
    }

    [Fact]
    public async Task DroppedWay_IsReadAndGoesNowhere()
    {
        await using var origin = ScriptedOrigin.Start(new ManualTime());
        await using var proxy = FaultProxy.Before(origin.Port);
        proxy.ToServer.Drop = true;
        await using var client = await RawClient.ConnectAsync(proxy.Url);

        await client.SendAsync("GET", "/x", []);

        await Deadline.Until(() => Task.FromResult(proxy.ToServer.Dropped > 0), "the request is gone");
        Assert.Empty(origin.Log);
    }

    [Fact]
    public async Task InjectedCorruptedDuplicated_ChangeTheBytes()
    {
        await using var origin = ScriptedOrigin.Start(new ManualTime());
        origin.On(null, "/x", exchange => exchange.SendAsync("abc"));
        await using var proxy = FaultProxy.Before(origin.Port);
        await using var client = await RawClient.ConnectAsync(proxy.Url);
        proxy.ToClient.Inject("<");
        proxy.ToClient.Corrupt(1, 0x20);
        proxy.ToClient.Duplicate();

        await client.SendAsync("GET", "/x", []);
        using var seen = new MemoryStream();
        await Deadline.Within(client.Reader.CopyExactlyAsync(7, seen), "seven bytes");

        Assert.Equal("<aBcaBc", Encoding.Latin1.GetString(seen.ToArray()));
        Assert.Equal((1, 1, 1), (proxy.ToClient.Injected, proxy.ToClient.Corrupted, proxy.ToClient.Duplicated));
    }

    [Fact]
    public async Task RefusedResetSilent_AndBackAgain()
    {
        await using var origin = ScriptedOrigin.Start(new ManualTime());
        origin.Get("/x", Reply.Ok("body"));
        await using var proxy = FaultProxy.Before(origin.Port);
        await proxy.RefuseAsync();
        await Assert.ThrowsAnyAsync<SocketException>(() => GetAsync(proxy));
        proxy.AcceptAgain();
        proxy.Welcome = FaultWelcome.Reset;
        // The reset may come while the client connects, or while it reads.
        Assert.True(await Record.ExceptionAsync(() => GetStrictlyAsync(proxy)) is IOException or SocketException, "no answer of a connection that is reset");
        Assert.True(proxy.Resets > 0, "the proxy reset it");
        proxy.Welcome = FaultWelcome.Silence;
        await using (var silent = await RawClient.ConnectAsync(proxy.Url))
        {
            await silent.SendAsync("GET", "/x", []);
            await Deadline.Until(() => Task.FromResult(proxy.Open == 1), "it is taken");
        }

        proxy.Welcome = FaultWelcome.Serve;
        Assert.Equal("body", (await GetAsync(proxy)).Text);
    }

    [Fact]
    public async Task SwallowedReply_LeavesTheNextAnswerToTheWrongQuestion()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = FaultProxy.Before(redis.Port, resp: true);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, proxy.Port);
        await using var stream = new NetworkStream(socket);
        var reader = new WireReader(stream);
        await stream.WriteAsync("ECHO one\r\n"u8.ToArray());
        Assert.Equal("$3", await Deadline.Within(reader.ReadLineAsync(), "a reply"));
        Assert.Equal("one", await reader.ReadLineAsync());

        proxy.ToClient.SwallowReply();
        await stream.WriteAsync("ECHO two\r\nECHO three\r\n"u8.ToArray());

        Assert.Equal("$5", await Deadline.Within(reader.ReadLineAsync(), "the reply after the swallowed one"));
        Assert.Equal("three", await reader.ReadLineAsync());
        Assert.Equal(1, proxy.ToClient.Swallowed);
    }

    private static async Task<RawResponse> GetAsync(FaultProxy proxy)
    {
        await using var client = await RawClient.ConnectAsync(proxy.Url);
        return await client.GetAsync("/x");
    }

    private static async Task GetStrictlyAsync(FaultProxy proxy)
    {
        await using var client = await RawClient.ConnectAsync(proxy.Url);
        await client.SendAsync("GET", "/x", []);
        await client.ReadHeadAsync();
    }
}
