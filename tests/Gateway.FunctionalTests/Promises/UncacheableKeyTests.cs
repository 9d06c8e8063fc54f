using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Promises;

/// <summary>Keys under which nothing is stored, or nothing yet: nobody gets what was made for another, and nobody waits long for it.</summary>
public sealed class UncacheableKeyTests
{
    /// <summary>What the origin says to one message it cannot read is no word about what all others get.</summary>
    [Theory]
    [Attack("A32", "Forced revalidation of hot keys")]
    [InlineData(400)]
    [InlineData(406)]
    [InlineData(414)]
    [InlineData(415)]
    [InlineData(431)]
    public async Task OddRequest_LeavesWhatIsStoredForAll(int status)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/hot", request => request.Has("X-Odd") ? Reply.Of(status, "odd", "Cache-Control: no-store") : Reply.Ok("x", Numbered.Fresh));
        await env.GetAsync("/hot");
        env.Time.AdvanceSeconds(2);

        Assert.Equal(status, (await env.GetAsync("/hot", "Cache-Control: no-cache", "X-Odd: 1")).Status);

        CacheAssert.Hit(await env.GetAsync("/hot"));
        Assert.Equal(2, env.Origin.Requests("/hot"));
    }

    private const string Waiting = "cachegateway_fill_waiting";

    [Fact]
    [Attack("C08", "A personal answer shared with those who waited")]
    public async Task PrivateAnswer_IsNeverSharedWithThoseWhoWaited()
    {
        const int Clients = 20;
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/login", request => Reply.Ok($"{request.PathNumber}", "Cache-Control: no-store", $"Set-Cookie: sid={request.PathNumber}"));
        env.Origin.Hold("/login");
        var first = env.GetAsync("/login");
        await env.Origin.Reached("/login");
        var others = Enumerable.Range(1, Clients - 1).Select(_ => env.GetAsync("/login")).ToArray();
        await env.UntilMetric(Waiting, count => count == Clients - 1);

        env.Origin.Release("/login");
        var cookies = (await Task.WhenAll([first, .. others])).Select(answer => answer.Header("Set-Cookie")).ToHashSet();

        Assert.Equal(Clients, cookies.Count);
        Assert.Equal(Clients, env.Origin.Requests("/login"));
    }

    [Fact]
    public async Task UncacheableKey_OnceKnown_NeverQueues()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/poll", "Cache-Control: no-store");
        await env.GetAsync("/poll");
        env.Origin.Hold("/poll");

        var polls = Enumerable.Range(0, 5).Select(_ => env.GetAsync("/poll")).ToArray();
        await env.Origin.Reached("/poll", 6);
        env.Origin.Release("/poll");

        Assert.All(await Task.WhenAll(polls), poll => CacheAssert.Miss(poll, Reason.HitForMiss));
    }

    [Fact]
    public async Task UncacheableKey_ThatBecomesStorable_IsStoredAtOnce()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("1", "Cache-Control: no-store"), Reply.Ok("2", Numbered.Fresh));

        await env.GetAsync("/x");
        CacheAssert.Miss(await env.GetAsync("/x"), Reason.HitForMiss);
        var third = await env.GetAsync("/x");

        CacheAssert.Hit(third);
        Assert.Equal("2", third.Text);
        Assert.Equal(2, env.Origin.Requests("/x"));
    }

    [Fact]
    [Attack("E12", "A leader that leaves or dawdles")]
    public async Task Waiter_OnAKeyNeverStored_WaitsNoLongerThanItsLimit()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/slow", Numbered.Fresh);
        env.Origin.Hold("/slow");
        var first = env.GetAsync("/slow");
        await env.Origin.Reached("/slow");
        var second = env.GetAsync("/slow");
        await env.UntilMetric(Waiting, count => count == 1);

        env.Time.AdvanceSeconds(1.1);
        await env.Origin.Reached("/slow", 2);
        env.Origin.Release("/slow");

        CacheAssert.Miss(await second, Reason.WaitTimeout);
        await first;
    }
}
