using System.Diagnostics.Metrics;
using System.Threading.Channels;
using CacheGateway.Diagnostics;
using CacheGateway.Model;
using CacheGateway.Storage;
using CacheGateway.Storage.Redis;
using Gateway.Tests.Policies;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace CacheGateway.Tests.Storage.Redis;

/// <summary>What waits to be written to a Redis that is slow: so much and no more, and all of it before the gateway is gone.</summary>
public sealed class RedisWritesTests : IDisposable
{
    private const int Mebibyte = 1024 * 1024;

    private readonly ManualTime _time = new();
    private readonly GatewayMetrics _metrics = new();
    private readonly Calls _redis = new();
    private readonly RedisWrites _writes;

    public RedisWritesTests()
    {
        var epochs = new TagEpochs(_time);
        epochs.Begin(1, 0, 1);
        var (clock, bodies, codec, incarnation) = (new RedisClock(), new BodyNames(), new StoredResponseCodec(null), Incarnation.Of(epochs));
        var reader = new EntryReader(_redis, codec, incarnation, clock, bodies, _metrics, _time);
        var tier = new RedisTier(_redis, reader, new EntryName("test"), codec, incarnation, clock, bodies, _metrics, _time);
        _writes = new RedisWrites(new Link(), tier, epochs, _metrics, _time, NullLogger<RedisWrites>.Instance);
    }

    public void Dispose()
    {
        _writes.Dispose();
        _metrics.Dispose();
    }

    [Fact]
    public async Task MoreThanMayWait_IsDropped_AndThereIsRoomAgainWhenItWasWritten()
    {
        Add(20, 4 * Mebibyte);

        Assert.Equal((8, 12), (_writes.Count, Dropped()));

        _redis.Answers.SetResult();
        await _writes.StartAsync(CancellationToken.None);
        await _redis.UntilAskedAsync(8);
        Add(1, 4 * Mebibyte);
        await _redis.UntilAskedAsync(9);
        Assert.Equal(12, Dropped());
    }

    [Fact]
    public async Task Stopped_WritesWhatWaits()
    {
        await _writes.StartAsync(CancellationToken.None);
        Add(20, 1000);

        var stopped = _writes.StopAsync(CancellationToken.None);
        Assert.False(stopped.IsCompleted, "it waits for Redis");
        _redis.Answers.SetResult();
        await stopped.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal((20, 0), (_redis.Asked, Dropped()));
    }

    /// <summary>A server that hangs must not hold the stop up.</summary>
    [Fact]
    public async Task Stopped_WhileRedisHangs_IsOverInTime()
    {
        await _writes.StartAsync(CancellationToken.None);
        Add(20, 1000);
        await _redis.UntilAskedAsync(4);

        var stopped = _writes.StopAsync(new CancellationToken(canceled: true));
        Assert.False(stopped.IsCompleted, "it waits for Redis");
        _time.Advance(TimeSpan.FromSeconds(1));
        await stopped.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(4, _redis.Asked);
    }

    private void Add(int count, long size)
    {
        for (var i = 0; i < count; i++)
        {
            _writes.Add(
                new StoredResponse(new CacheKey($"/{i}", Sets.Resource with { Target = $"/{i}" }, 0))
                {
                    Status = 200,
                    Headers = [],
                    Body = BodySegments.Empty,
                    Freshness = new Freshness { Lifetime = 3_600_000, Source = default, InitialAge = 0, ReceivedAt = Instant.MonotonicNow(_time) },
                    Epoch = 1,
                    Incarnation = 1,
                    Date = DateTimeOffset.UnixEpoch,
                    Tags = [],
                    Size = size,
                },
                maxVariants: 8);
        }
    }

    /// <summary>No other test here has writes that are dropped.</summary>
    private static long Dropped()
    {
        var dropped = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "cachegateway.l2.writes")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, labels, _) => dropped += labels.ToArray().Any(label => label.Value is "dropped") ? count : 0);
        listener.Start();
        listener.RecordObservableInstruments();
        return dropped;
    }

    /// <summary>A Redis that answers nothing before it is let, and then that it is gone.</summary>
    private sealed class Calls : IRedisCalls
    {
        private readonly Channel<bool> _asked = Channel.CreateUnbounded<bool>();
        private int _count;
        private int _seen;

        public TaskCompletionSource Answers { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Asked => Volatile.Read(ref _count);

        public RedisLimits Limits { get; } = new();

        public bool HasOneClock => true;

        public async Task UntilAskedAsync(int count)
        {
            for (; _seen < count; _seen++)
            {
                await _asked.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
            }
        }

        public async Task<RedisReply<RedisResult>> EvaluateAsync(RedisScript script, RedisKey[] keys, RedisValue[] values, TimeSpan? timeLimit = null)
        {
            Interlocked.Increment(ref _count);
            _asked.Writer.TryWrite(true);
            await Answers.Task;
            return new RedisReply<RedisResult>(RedisOutcome.Disconnected, default);
        }

        public Task<RedisReply<RedisValue[]>> FieldsAsync(string name, RedisKey key, RedisValue[] fields, TimeSpan timeLimit) => throw new NotSupportedException(name);

        public void OutOfStep() => throw new NotSupportedException();
    }

    private sealed class Link : IRedisLink
    {
        public event Action? Connected
        {
            add { }
            remove { }
        }

        public object? Line => null;

        public void Start()
        {
        }

        public Task SubscribeAsync(RedisChannel channel, Action<RedisValue> heard) => throw new NotSupportedException();
    }
}
