using System.Security.Cryptography;
using System.Text;
using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Promises;

/// <summary>Promise 4: one origin fetch per key and node, whoever leaves and whatever fails.</summary>
public sealed class CollapseTests
{
    private const string Waiting = "cachegateway_fill_waiting";

    [Theory]
    [Attack("E08", "Stampedes")]
    [InlineData(false)]
    [InlineData(true)]
    [Fault("F-50", "A thousand clients on a cold key: one request at the origin, the same whole answer for all")]
    public async Task ThousandClients_OnAColdKey_CauseOneRequest(bool firstLeaves)
    {
        const int Clients = 1000;
        await using var env = await GatewayEnvironment.StartAsync();
        var body = Convert.ToHexString(RandomNumberGenerator.GetBytes(4096));
        env.Origin.Get("/cold", Reply.Ok(body, Numbered.Fresh));
        env.Origin.Hold("/cold");
        var clients = new List<RawClient>();
        try
        {
            for (var i = 0; i < Clients; i++)
            {
                clients.Add(await env.ConnectAsync());
            }

            await clients[0].SendAsync("GET", "/cold", []);
            await env.Origin.Reached("/cold");
            await Task.WhenAll(clients.Skip(1).Select(client => client.SendAsync("GET", "/cold", [])));
            await env.UntilMetric(Waiting, count => count == Clients - 1);
            if (firstLeaves)
            {
                clients[0].Abort();
            }

            env.Origin.Release("/cold");
            var answers = await Task.WhenAll(clients.Skip(firstLeaves ? 1 : 0).Select(client => client.ReadAsync()));

            Assert.All(answers, answer => Assert.Equal((200, body, true), (answer.Status, answer.Text, answer.Complete)));
            Assert.Equal(1, env.Origin.Requests("/cold"));
            CacheAssert.Hit(await env.GetAsync("/cold"));
            Assert.Equal(1, env.Origin.Requests("/cold"));
        }
        finally
        {
            await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
        }
    }

    /// <summary>By the letter a Cookie bars nobody from a stored response (RFC 9111 7.3), and then not from the fetch of it either.</summary>
    [Theory]
    [InlineData(CacheProfile.Rfc9111, 1)]
    [InlineData(CacheProfile.Safe, 5)]
    public async Task ClientsWithCookies_OnAColdKey_ShareAFetchWhereTheProfileSharesTheAnswer(CacheProfile profile, int requests)
    {
        const int Clients = 5;
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Profile = profile });
        env.Origin.Get("/cold", Reply.Ok("x", "Cache-Control: max-age=60"));
        env.Origin.Hold("/cold");
        var answers = Enumerable.Range(0, Clients).Select(i => env.GetAsync("/cold", $"Cookie: session={i}")).ToArray();
        await Deadline.Until(
            async () => env.Origin.Requests("/cold") == requests && await env.MetricAsync(Waiting) == Clients - requests, "all are at the origin, or wait for who is");

        env.Origin.Release("/cold");

        Assert.All(await Task.WhenAll(answers), answer => Assert.Equal((200, "x"), (answer.Status, answer.Text)));
        Assert.Equal(requests, env.Origin.Requests("/cold"));
    }

    [Fact]
    [Attack("E12", "A leader that leaves or dawdles")]
    public async Task FirstClient_LeavingMidBody_DoesNotCutTheOthers()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var gate = new Gate();
        env.Origin.Get("/slow", Reply.Chunked(["first ", gate, "second"], Numbered.Fresh));
        var first = await env.ConnectAsync();
        await first.SendAsync("GET", "/slow", []);
        await first.ReadHeadAsync();
        var others = new List<RawClient>();
        for (var i = 0; i < 3; i++)
        {
            others.Add(await env.ConnectAsync());
            await others[i].SendAsync("GET", "/slow", []);
        }

        foreach (var other in others)
        {
            // It reads while the body grows: its part of the first piece came before the end was sent.
            Assert.False((await Deadline.Within(other.ReadHeadAsync(), "the head for a reader of a growing body")).HeaderLines.Count == 0);
        }

        first.Abort();
        gate.Open();

        foreach (var other in others)
        {
            using var body = new MemoryStream();
            await Deadline.Within(other.Reader.CopyChunkedAsync(body), "the whole body");
            Assert.Equal("first second", Encoding.UTF8.GetString(body.ToArray()));
            await other.DisposeAsync();
        }

        Assert.Equal("first second", (await env.GetAsync("/slow")).Text);
        Assert.Equal(1, env.Origin.Requests("/slow"));
    }

    [Fact]
    public async Task OnlyClient_Leaving_LeavesAStorableFetchToEnd()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var gate = new Gate();
        env.Origin.Get("/slow", Reply.Chunked(["first ", gate, "second"], Numbered.Fresh));
        var client = await env.ConnectAsync();
        await client.SendAsync("GET", "/slow", []);
        await client.ReadHeadAsync();

        client.Abort();
        gate.Open();
        await env.UntilMetric("cachegateway_fill_under_way", count => count == 0);

        CacheAssert.Hit(await env.GetAsync("/slow"));
        Assert.Equal(1, env.Origin.Requests("/slow"));
    }

    [Fact]
    [Attack("E12", "A leader that leaves or dawdles")]
    public async Task FailedFetch_DoesNotFailThoseWhoWaited()
    {
        const int Clients = 10;
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Exactly("", ReplyEnding.Reset), Reply.Ok("good", Numbered.Fresh));
        env.Origin.Hold("/x");
        var first = env.GetAsync("/x");
        await env.Origin.Reached("/x");
        var others = Enumerable.Range(1, Clients - 1).Select(_ => env.GetAsync("/x")).ToArray();
        await env.UntilMetric(Waiting, count => count == Clients - 1);

        env.Origin.Release("/x");

        await first;
        Assert.All(await Task.WhenAll(others), answer => Assert.Equal((200, "good"), (answer.Status, answer.Text)));
        Assert.Equal(2, env.Origin.Requests("/x"));
    }

    [Fact]
    [Attack("E08", "Stampedes")]
    public async Task ExpiredKey_AskedByMany_IsRevalidatedOnce()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => Reply.Conditional(request, "\"v1\"", "x", Numbered.Fresh));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);
        env.Origin.Hold("/x");
        var first = env.GetAsync("/x");
        await env.Origin.Reached("/x", 2);
        var others = Enumerable.Range(0, 9).Select(_ => env.GetAsync("/x")).ToArray();
        await env.UntilMetric(Waiting, count => count == 9);

        env.Origin.Release("/x");

        Assert.All(await Task.WhenAll([first, .. others]), answer => Assert.Equal((200, "x"), (answer.Status, answer.Text)));
        Assert.Equal(2, env.Origin.Requests("/x"));
    }

    [Fact]
    public async Task Variants_AskedAtOnce_EachGetTheirOwn()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/v", request => Reply.Ok(request.Header("Accept-Language")!, Numbered.Fresh, "Vary: Accept-Language"));
        env.Origin.Hold("/v");
        var first = env.GetAsync("/v", "Accept-Language: de");
        await env.Origin.Reached("/v");
        var others = Enumerable.Range(0, 6).Select(i => env.GetAsync("/v", $"Accept-Language: {(i % 2 == 0 ? "de" : "fr")}")).ToArray();
        await env.UntilMetric(Waiting, count => count == 6);

        env.Origin.Release("/v");

        Assert.Equal("de", (await first).Text);
        for (var i = 0; i < others.Length; i++)
        {
            Assert.Equal(i % 2 == 0 ? "de" : "fr", (await others[i]).Text);
        }

        Assert.Equal(2, env.Origin.Requests("/v"));
    }

    [Fact]
    public async Task ManyClients_OfShortFetches_NeverCauseASecondOne()
    {
        const int Keys = 200;
        const int Clients = 8;
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/*", Reply.Ok("x", Numbered.Fresh));
        var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => env.ConnectAsync()));

        for (var i = 0; i < Keys; i++)
        {
            await Task.WhenAll(clients.Select(client => client.GetAsync($"/{i}")));
        }

        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }

        Assert.Equal(Keys, env.Origin.Log.Count);
    }
}
