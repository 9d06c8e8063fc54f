using CacheGateway.Pipeline;
using CacheGateway.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.Promises;

/// <summary>
/// Promise 2 on a gateway that was blind while something was invalidated elsewhere, and learns of it in the middle of a request: between any two readings of its clock.
/// </summary>
public sealed class SeesAgainTests
{
    /// <summary>More than one request makes before it waits for the origin.</summary>
    private const int MostReadings = 20;

    [Theory]
    [InlineData]
    [InlineData("Connection: close")]
    public async Task Stored_InvalidatedWhileBlind_IsNotServedByWhoSeesAgainMeanwhile(params string[] notPlain)
    {
        var clock = new ReadClock();
        await using var env = await StartAsync(clock);
        var epochs = env.Services.GetRequiredService<TagEpochs>();
        for (var reading = 1; reading <= MostReadings; reading++)
        {
            var target = $"/p/{reading}";
            for (var i = 0; i < 3; i++)
            {
                Assert.Equal("1", (await env.GetAsync(target, notPlain)).Text);
            }

            epochs.ProvenAt = TagEpochs.Never;
            clock.Before(reading, () => SeeAgain(epochs));
            Assert.Equal((reading, "2"), (reading, (await env.GetAsync(target, notPlain)).Text));
            clock.Before(0, null);
            SeeAgain(epochs);
        }
    }

    [Fact]
    public async Task Fetch_OlderThanWhatWasInvalidatedWhileBlind_IsNotSharedByWhoSeesAgainMeanwhile()
    {
        var clock = new ReadClock();
        await using var env = await StartAsync(clock);
        var (epochs, gate) = (env.Services.GetRequiredService<TagEpochs>(), env.Services.GetRequiredService<FillGate>());
        for (var reading = 1; reading <= MostReadings; reading++)
        {
            var target = $"/p/{reading}";
            epochs.ProvenAt = TagEpochs.Never;
            env.Origin.Hold(target);
            var first = env.GetAsync(target);
            await env.Origin.Reached(target);

            clock.Before(reading, () => SeeAgain(epochs));
            var second = env.GetAsync(target);
            await Deadline.Until(() => Task.FromResult(gate.Waiting == 1 || env.Origin.Requests(target) == 2), "it waits for the first fetch, or has one of its own");
            env.Origin.Release(target);

            Assert.Equal("1", (await first).Text);
            Assert.Equal((reading, "2"), (reading, (await second).Text));
            clock.Before(0, null);
            SeeAgain(epochs);
        }
    }

    private static async Task<GatewayEnvironment> StartAsync(ReadClock clock)
    {
        var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Configure = builder => builder.Services.AddSingleton<TimeProvider>(clock) });
        env.Origin.GetNumbered("/*", Numbered.Fresh, "Cache-Tag: t");
        return env;
    }

    /// <summary>As a sync does that brings what was raised: first the marks, then the proof.</summary>
    private static void SeeAgain(TagEpochs epochs)
    {
        epochs.Raise(new() { Tags = ["t"] });
        epochs.ProvenAt = long.MaxValue;
    }

    /// <summary>Stands still, and lets something happen before one of its readings.</summary>
    private sealed class ReadClock : TimeProvider
    {
        private readonly ManualTime _time = new();
        private Action? _happens;
        private int _left;

        public override long TimestampFrequency
        {
            get
            {
                Read();
                return _time.TimestampFrequency;
            }
        }

        /// <param name="reading">Which one from now on; 0 = none.</param>
        /// <param name="happens">Once, on the thread that reads.</param>
        public void Before(int reading, Action? happens)
        {
            Volatile.Write(ref _left, 0);
            _happens = happens;
            Volatile.Write(ref _left, reading);
        }

        public override long GetTimestamp()
        {
            Read();
            return _time.GetTimestamp();
        }

        public override DateTimeOffset GetUtcNow() => _time.GetUtcNow();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _time.CreateTimer(callback, state, dueTime, period);

        private void Read()
        {
            if (Interlocked.Decrement(ref _left) == 0)
            {
                _happens?.Invoke();
            }
        }
    }
}
