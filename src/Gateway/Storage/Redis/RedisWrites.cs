using System.Threading.Channels;
using CacheGateway.Diagnostics;
using CacheGateway.Model;

namespace CacheGateway.Storage.Redis;

/// <summary>
/// What waits to be written to Redis: bounded by number and bytes, written by a few workers while requests go on. What finds it full is
/// dropped and counted; it is in memory here, and the next node asks the origin once more.
/// </summary>
internal sealed class RedisWrites(IRedisLink link, RedisTier tier, TagEpochs epochs, GatewayMetrics metrics, TimeProvider time, ILogger<RedisWrites> logger) : BackgroundService
{
    private const int MaxWaiting = 1024;
    private const long MaxWaitingBytes = 32 * 1024 * 1024;
    private const int Workers = 4;

    /// <summary>Longest that stopping waits for what is not written yet.</summary>
    private static readonly TimeSpan LongestFlush = TimeSpan.FromSeconds(1);

    private readonly Channel<Waiting> _waiting = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(MaxWaiting));
    private long _bytes;

    /// <summary>Responses that wait.</summary>
    public int Count => _waiting.Reader.Count;

    /// <summary>Hands a response over; returns at once. False = it is not one for Redis.</summary>
    public bool Add(StoredResponse response, int maxVariants)
    {
        if (!tier.Takes(response))
        {
            metrics.SharedWrite("not-worth");
            return false;
        }

        // The life is taken before the response is found alive: one that begins in between is not the one its epoch belongs to.
        var life = tier.Incarnation;
        if (!epochs.IsAlive(response) || life.StartsWith('-'))
        {
            // Too late, or in a life of this node's own, which is no other's: it would take the place of what all others can use.
            metrics.SharedWrite("late");
            return true;
        }

        if (Interlocked.Add(ref _bytes, response.Size) > MaxWaitingBytes || !_waiting.Writer.TryWrite(new Waiting(response, life, maxVariants)))
        {
            Interlocked.Add(ref _bytes, -response.Size);
            metrics.SharedWrite("dropped");
        }

        return true;
    }

    /// <summary>Writes what waits, so that the other nodes find it, and then stops.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _waiting.Writer.TryComplete();
        if (ExecuteTask is { } workers)
        {
            // A limit, not a wait: a Redis that hangs must not hold the stop up.
            await Task.WhenAny(workers, Task.Delay(LongestFlush, time, CancellationToken.None));
        }

        await base.StopAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        link.Start();
        return Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(() => WorkAsync(stoppingToken), CancellationToken.None)));
    }

    private async Task WorkAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var waiting in _waiting.Reader.ReadAllAsync(stopping))
            {
                Interlocked.Add(ref _bytes, -waiting.Response.Size);
                await WriteAsync(waiting);
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops; what was not written is what another node fetches once more.
        }
    }

    private async Task WriteAsync(Waiting waiting)
    {
        if (!epochs.IsAlive(waiting.Response))
        {
            metrics.SharedWrite("late");
            return;
        }

        if (link.Problem is not null)
        {
            // Bodies are compressed and hashed before they are written: not for nobody, while misses need the processor.
            metrics.SharedWrite("failed");
            return;
        }

        try
        {
            await tier.WriteAsync(waiting.Response, waiting.Life, waiting.MaxVariants);
        }
        catch (Exception exception)
        {
            // What Redis does is a value; this is a mistake of ours, and must cost one response, not the worker.
            logger.SharedWriteFailed(exception);
        }
    }

    private sealed record Waiting(StoredResponse Response, string Life, int MaxVariants);
}
