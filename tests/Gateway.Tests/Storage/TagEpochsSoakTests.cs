using CacheGateway.Model;
using CacheGateway.Storage;

namespace CacheGateway.Tests.Storage;

public sealed class TagEpochsSoakTests
{
    private const int Tags = 300;

    /// <summary>
    /// Writers raise tags and then publish the epoch; a reader that saw it published must never again find a response alive that is older,
    /// though all readers share the responses and what they remember. Once with room for all marks, once with nearly all folded.
    /// </summary>
    [Theory]
    [InlineData(200_000)]
    [InlineData(20)]
    public async Task Check_WhileRaising_NeverAliveAfterTheRaiseWasPublished(int maxMarks)
    {
        var epochs = new TagEpochs(TimeProvider.System, maxMarks);
        var published = new long[Tags];
        var responses = new StoredResponse[Tags];
        for (var i = 0; i < Tags; i++)
        {
            responses[i] = Make(i, 0);
        }

        using var stop = new CancellationTokenSource();
        var wrong = 0;
        var readers = Enumerable.Range(0, 2).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            while (!stop.IsCancellationRequested)
            {
                var i = random.Next(Tags);
                var raised = Volatile.Read(ref published[i]);
                var response = Volatile.Read(ref responses[i]);
                var alive = epochs.IsAlive(response);
                if (alive && response.Epoch < raised)
                {
                    Interlocked.Increment(ref wrong);
                }

                if (!alive)
                {
                    // A new fill: its epoch is taken before the origin is asked.
                    Volatile.Write(ref responses[i], Make(i, epochs.Applied));
                }
            }
        })).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 2).Select(seed => Task.Run(() =>
        {
            var random = new Random(100 + seed);
            for (var n = 0; n < 30_000; n++)
            {
                var i = random.Next(Tags);
                var epoch = epochs.Raise(Scope(i));
                Rise(ref published[i], epoch);
                wrong += epochs.Applied < epoch ? 1 : 0;
            }
        })));
        await stop.CancelAsync();
        await Task.WhenAll(readers);
        Assert.Equal(0, wrong);
        for (var i = 0; i < Tags; i++)
        {
            Assert.False(responses[i].Epoch < published[i] && epochs.IsAlive(responses[i]));
            Assert.False(epochs.IsAlive(new FillEpoch(0, published[i] - 1), responses[i].Resource, responses[i].Tags));
            Assert.True(epochs.IsAlive(new FillEpoch(0, epochs.Applied), responses[i].Resource, responses[i].Tags));
        }
    }

    /// <summary>Every epoch raises the one tag, so whoever sees an epoch applied must see the tag raised to it at least.</summary>
    [Fact]
    public async Task Applied_SeenByAReader_ItsMarksAreSeenToo()
    {
        var epochs = new TagEpochs(TimeProvider.System);
        var resource = new ResourceId("http", "h", "/", "p", false);
        using var stop = new CancellationTokenSource();
        var wrong = 0;
        var reader = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                var applied = epochs.Applied;
                wrong += applied > 0 && epochs.IsAlive(new FillEpoch(0, applied - 1), resource, ["t0"]) ? 1 : 0;
            }
        });
        for (var n = 0; n < 100_000; n++)
        {
            epochs.Raise(Scope(0));
        }

        await stop.CancelAsync();
        await reader;
        Assert.Equal(0, wrong);
    }

    private static void Rise(ref long published, long epoch)
    {
        for (var seen = Volatile.Read(ref published); seen < epoch; seen = Volatile.Read(ref published))
        {
            Interlocked.CompareExchange(ref published, epoch, seen);
        }
    }

    /// <summary>By turns a tag, a URL, a prefix and a policy.</summary>
    private static InvalidationScope Scope(int i) => (i % 4) switch
    {
        0 => new InvalidationScope { Tags = [$"t{i}"] },
        1 => new InvalidationScope { Urls = [$"http://h/r{i}/x"] },
        2 => new InvalidationScope { Prefixes = [$"/r{i}/"] },
        _ => new InvalidationScope { Policies = [$"p{i}"] },
    };

    private static StoredResponse Make(int i, long epoch) =>
        Sets.Response(epoch: epoch, resource: new ResourceId("http", "h", $"/r{i}/x", $"p{i}", false), tags: [$"t{i}"]);
}
