using CacheGateway.FunctionalTests.Redis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Transforms.Builder;

namespace CacheGateway.FunctionalTests.Speed;

/// <summary>
/// Hits are answered, and plain misses asked of the origin, on the thread that was told of the request; whatever takes longer is handled in the thread pool, as are
/// other listeners.
/// </summary>
public sealed class InlineTests : IDisposable
{
    private readonly TestCertificate _certificate = new();
    private readonly ThreadNotes _notes = new();

    public void Dispose() => _certificate.Dispose();

    [Theory]
    [InlineData("max-age=60")]
    [InlineData("no-store")]
    public async Task Miss_IsAskedWhereItArrives_AndItsAnswerIsJudgedInTheThreadPool(string cacheControl)
    {
        await using var env = await StartAsync();
        env.Origin.Get("/never-twice", Reply.Ok("a", $"Cache-Control: {cacheControl}"));
        await using var client = await env.ConnectAsync();
        var asked = 0;

        await Deadline.Until(
            async () =>
            {
                await client.GetAsync($"/never-twice?{asked++}");
                return !_notes.Of("ask")[^1];
            },
            "a miss that is asked on the thread that was told of it");

        Assert.Equal([.. Enumerable.Repeat(true, asked)], _notes.Of("judge"));
    }

    [Theory]
    [InlineData("GET", "Authorization: Bearer a")]
    [InlineData("GET", "Cookie: session=a")]
    [InlineData("POST", "Content-Length: 0")]
    public async Task CredentialsAndWrites_AreHandledInTheThreadPool(string method, string field)
    {
        await using var env = await StartAsync();
        env.Origin.On(method, "/a", Reply (_) => Reply.Ok("a"));
        await using var client = await env.ConnectAsync();

        var asked = await UntilSomeBeginInlineAsync(async _ =>
        {
            await client.SendAsync(method, "/a", [field]);
            await client.ReadAsync(method);
        });

        Assert.Equal([.. Enumerable.Repeat(true, asked)], _notes.Of("ask"));
    }

    /// <summary>Also where there is no Redis to wait for, and a read ends at once.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhatComesOfAReadOfRedis_IsHandledInTheThreadPool(bool isThere)
    {
        await using var redis = RedisServer.Prepare();
        if (isThere)
        {
            await redis.StartAsync();
        }

        await using var env = await RedisGateways.StartAsync(redis, configure: Note);
        if (isThere)
        {
            await env.UntilConnectedAsync();
        }

        env.Origin.Get("/never-twice", Reply.Ok("a", "Cache-Control: max-age=60"));
        await using var client = await env.ConnectAsync();

        var asked = await UntilSomeBeginInlineAsync(i => client.GetAsync($"/never-twice?{i}"));

        Assert.Equal([.. Enumerable.Repeat(true, asked)], _notes.Of("ask"));
        Assert.Equal(asked, await env.SharedAsync("reads", isThere ? "miss" : "failed"));
    }

    [Fact]
    public async Task Batch_OfHitsOnOneConnection_HoldsTheThreadForATurnOnly()
    {
        const int Requests = 140;
        await using var env = await StartAsync();
        env.Origin.Get("/a", Reply.Ok("a", "Cache-Control: max-age=60"));
        await using var client = await env.ConnectAsync();
        const string Request = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
        for (var i = 0; i < 3; i++)
        {
            await client.SendAsync(Request);
            await client.ReadAsync("GET");
        }

        await UntilInlineAsync(client);
        // All of them lie in one block of what the server reads.
        var batch = string.Concat(Enumerable.Repeat(Request, Requests));

        bool[] batchNotes = [];
        await Deadline.Until(
            async () =>
            {
                _notes.Clear();
                await client.SendAsync(batch);
                for (var i = 0; i < Requests; i++)
                {
                    Assert.Equal("a", (await client.ReadAsync("GET")).Text);
                }

                batchNotes = _notes.Of("request");
                return !batchNotes[0];
            },
            "a batch that begins on the thread that was told of it");

        Assert.InRange(batchNotes.TakeWhile(inPool => !inPool).Count(), 1, Requests / 2);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task OtherListeners_AreHandledInTheThreadPool(int address)
    {
        await using var env = await StartAsync();
        var isTls = address == 1;
        await using var client = await RawClient.ConnectAsync(env.Addresses[address], isTls ? TestCertificate.Trusting() : null);

        for (var i = 0; i < 50; i++)
        {
            await client.GetAsync(isTls ? "/a" : "/healthz");
        }

        Assert.Equal([.. Enumerable.Repeat(true, 50)], _notes.Of("request"));
    }

    /// <summary>
    /// What a request of the admin listener waited for (here a client of its own) may end on an event thread, and the next one, sent already, begins there. It is the admin listener's all
    /// the same, and its token is not the origin's to see.
    /// </summary>
    [Fact]
    public async Task AdminRequests_SentTogether_NeverReachTheOrigin()
    {
        await using var env = await StartAsync();
        env.Origin.Get("/*", Reply.Ok("the origin's", "Cache-Control: max-age=60"));
        var admin = env.Addresses[^1];
        await using var client = await RawClient.ConnectAsync(admin);
        const string Order = """{"url":"/x","requests":3}""";
        var both = $"POST /api/v2/cache/benchmark/transparent HTTP/1.1\r\nHost: {admin.Authority}\r\nContent-Type: application/json\r\nContent-Length: {Order.Length}\r\n\r\n{Order}"
            + $"GET /healthz HTTP/1.1\r\nHost: {admin.Authority}\r\n\r\n";

        for (var pair = 0; pair < 100; pair++)
        {
            await client.SendAsync(both);
            Assert.Equal(200, (await client.ReadAsync("POST")).Status);
            Assert.DoesNotContain("origin's", (await client.ReadAsync("GET")).Text, StringComparison.Ordinal);
        }

        Assert.Equal(0, env.Origin.Requests("/healthz"));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task Process_AnswersHitsWithoutAWorkItemEach(string host)
    {
        const int Requests = 2000;
        const string WorkItems = "dotnet_thread_pool_work_item_count_total";
        await using var origin = ScriptedOrigin.Start(TimeProvider.System);
        origin.Get("/a", Reply.Ok("a", "Cache-Control: max-age=600"));
        await using var gateway = await GatewayProcess.StartAsync(origin.Address, ["--urls", $"http://{host}:{StandingPort.Number()}", "--admin-urls", "http://127.0.0.1:0"]);
        await using var client = await gateway.ConnectAsync();
        await client.GetAsync("/a");

        var before = await gateway.MetricAsync(WorkItems);
        for (var i = 0; i < Requests; i++)
        {
            await client.GetAsync("/a");
        }

        Assert.InRange(await gateway.MetricAsync(WorkItems) - before, 1, Requests / 2);
    }

    /// <summary>A new connection begins in the thread pool; from some request on it is the socket's events that begin one.</summary>
    private Task UntilInlineAsync(RawClient client) => Deadline.Until(
        async () =>
        {
            _notes.Clear();
            await client.SendAsync("GET", "/healthz-of-nobody", ["Cache-Control: only-if-cached"]);
            await client.ReadAsync("GET");
            var isInline = !_notes.Of("request")[0];
            _notes.Clear();
            return isInline;
        },
        "a request that begins on the thread that was told of it");

    /// <summary>
    /// Asks until some requests have begun on the thread that was told of them; how many were asked. Where the client is as quick as the gateway, which thread it is that reads the next one is chance.
    /// </summary>
    private async Task<int> UntilSomeBeginInlineAsync(Func<int, Task> ask)
    {
        const int Inline = 10;
        var asked = 0;
        await Deadline.Until(
            async () =>
            {
                await ask(asked++);
                return _notes.Of("request").Count(inPool => !inPool) >= Inline;
            },
            "requests that begin on the thread that was told of them");
        return asked;
    }

    private Task<GatewayEnvironment> StartAsync() => GatewayEnvironment.StartAsync(new EnvironmentOptions
    {
        Settings = settings => settings with { Urls = [.. settings.Urls, "https://127.0.0.1:0"] },
        Configure = builder =>
        {
            _certificate.Configure(builder);
            Note(builder);
        },
    });

    private void Note(WebApplicationBuilder builder) => builder.Services.AddSingleton<IStartupFilter>(_notes).AddSingleton<ITransformProvider>(_notes);
}
