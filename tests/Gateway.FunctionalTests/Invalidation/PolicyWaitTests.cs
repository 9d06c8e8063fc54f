using CacheGateway.FunctionalTests.Policies;
using CacheGateway.FunctionalTests.Promises;
using CacheGateway.FunctionalTests.Redis;
using CacheGateway.Invalidation;
using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Invalidation;

/// <summary>What a single policy says about other nodes.</summary>
public sealed class PolicyWaitTests
{
    [Fact]
    [CoversPolicy("maxBlind")]
    public async Task MaxBlind_OfAPolicy_OnlyLowersTheGateways()
    {
        const string Policies = """
            { "policies": {
                "short": { "match": { "path": "/short" }, "ttl": "1h", "maxBlind": "1s" },
                "long": { "match": { "path": "/long" }, "ttl": "1h", "maxBlind": "1h" } } }
            """;
        await using var nodes = await Nodes.StartAsync(1, settings => settings with { MaxBlind = TimeSpan.FromSeconds(10) }, Policies);
        nodes.Origin.GetNumbered("/*");
        await nodes.A.FetchAsync("/short");
        await nodes.A.FetchAsync("/long");

        nodes.Redis.Pause();
        RawResponse? answer = null;
        await Deadline.Until(async () => (answer = await nodes.A.FetchAsync("/short")).CacheStatus is { IsHit: false }, "blind for the one");
        CacheAssert.Miss(answer!, Reason.Blind);
        CacheAssert.Hit(await nodes.A.FetchAsync("/long"));
        await Deadline.Until(async () => (answer = await nodes.A.FetchAsync("/long")).CacheStatus is { IsHit: false }, "blind for the other");
        CacheAssert.Miss(answer!, Reason.Blind);
        nodes.Redis.Resume();
    }

    [Theory]
    [CoversPolicy("invalidateWait")]
    [InlineData("local", false)]
    [InlineData("all", true)]
    public async Task InvalidateWait_OfAWrite_IsBounded(string wait, bool waits)
    {
        // Longer than the test: the silent one is waited for as long as an order waits.
        await using var nodes = await Nodes.StartAsync(0, settings => settings with { MaxBlind = TimeSpan.FromMinutes(5) }, $$"""
            { "policies": { "all": { "match": { "path": "/{*rest}" }, "ttl": "1h", "tags": ["t"], "invalidates": ["t"], "invalidateWait": "{{wait}}" } } }
            """);
        var clock = new HeldClock(new InvalidationOrder { Id = "", Scope = new InvalidationScope(), Source = InvalidationSource.UnsafeMethod }.Timeout);
        await nodes.AddAsync(clock: clock);
        nodes.Origin.On("POST", "/write", _ => Reply.Of(201, "made"));
        // A node that will never say that it has applied anything.
        var now = (string[])(await nodes.Redis.RunAsync("TIME"))!;
        await nodes.Redis.RunAsync("HSET", "test:{fence}:nodes", "elsewhere/1/1", $"{now[0]}000000 0 0 silent");

        clock.Hold();
        var asked = nodes.A.WriteAsync("/write");
        if (waits)
        {
            await Deadline.Within(clock.Asked, "it waits, and for how long");
            Assert.False(asked.IsCompleted, "the silent one is waited for");
            clock.Release();
        }

        var answer = await asked;
        Assert.Equal((201, "made"), (answer.Status, answer.Text));
    }

    [Fact]
    public async Task InvalidateWait_All_EveryNodeHasItWhenTheClientHasItsAnswer()
    {
        await using var nodes = await Nodes.StartAsync(3, null, """
            { "policies": { "all": { "match": { "path": "/{*rest}" }, "ttl": "1h", "tags": ["t"], "invalidates": ["t"], "invalidateWait": "all" } } }
            """);
        var version = 1;
        nodes.Origin.Get("/x", _ => Reply.Ok($"{Volatile.Read(ref version)}"));
        nodes.Origin.On("POST", "/write", _ => Reply.Of(201, $"{Interlocked.Increment(ref version)}"));
        for (var round = 1; round <= 20; round++)
        {
            await nodes.AllAnswer("/x", $"{round}");
            await using var client = await nodes.A.ConnectAsync();
            await client.SendAsync("POST /write HTTP/1.1\r\nHost: shared.test\r\nContent-Length: 0\r\n\r\n");
            Assert.Equal(201, (await client.ReadAsync("POST")).Status);
            await nodes.AllAnswer("/x", $"{round + 1}");
        }
    }

    /// <summary>The machine's clock, but that what waits for <paramref name="held"/> while it holds waits until it is released.</summary>
    private sealed class HeldClock(TimeSpan held) : TimeProvider
    {
        private readonly Lock _lock = new();
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Action? _due;
        private bool _holds;

        public Task Asked => _asked.Task;

        public void Hold() => _holds = true;

        public void Release()
        {
            lock (_lock)
            {
                _holds = false;
                _due?.Invoke();
            }
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            lock (_lock)
            {
                if (!_holds || dueTime != held)
                {
                    return base.CreateTimer(callback, state, dueTime, period);
                }

                _due += () => callback(state);
            }

            _asked.TrySetResult();
            return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, period);
        }
    }
}
