using CacheGateway.Model;
using CacheGateway.Storage;

namespace CacheGateway.Pipeline;

/// <summary>
/// Which fetch serves whom: at most one fill under way per key (and variant) that newcomers may join. A fill leaves the gate when it ends,
/// when it may not take new readers any more, or when an invalidation makes it too old for newcomers.
/// </summary>
internal sealed class FillGate(TagEpochs epochs, GatewayLimits limits)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Fill> _fills = new(StringComparer.Ordinal);
    private long _last;
    private int _underWay;
    private int _waiting;

    /// <summary>The number of the last fill that began.</summary>
    public long Last => Volatile.Read(ref _last);

    /// <summary>Fills under way, joinable or not.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>Requests that wait for the head of a fill somebody else started.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>
    /// Joins the fill of <paramref name="gateKey"/> or makes a new one for the caller to start. Null when the budget of concurrent fills is spent.
    /// A fill whose key was raised since it began is never joined: it goes on for those it already has; nor is one that is not
    /// <paramref name="after"/> that number, because a blind node cannot know what was raised before.
    /// </summary>
    public (Fill Fill, bool IsNew)? Join(
        string gateKey, CacheKey key, CachePolicy policy, StoredResponse? validating, bool mustBeNew, bool background, long after = 0)
    {
        lock (_gate)
        {
            if (!mustBeNew && _fills.TryGetValue(gateKey, out var existing) && existing.Number > after && epochs.IsAlive(existing.Epoch, key.Resource, TagsKnown(existing)))
            {
                existing.Enter();
                return (existing, false);
            }

            if (_underWay >= limits.MaxFills)
            {
                return null;
            }

            var fill = new Fill(gateKey, key, policy, validating, epochs.Now, background) { Number = ++_last };
            fill.Enter();
            _fills[gateKey] = fill;
            _underWay++;
            return (fill, true);
        }
    }

    /// <summary>The fill of <paramref name="gateKey"/> that began before and whose head is still to come, or null.</summary>
    public Fill? Before(string gateKey, long number)
    {
        lock (_gate)
        {
            return _fills.TryGetValue(gateKey, out var existing) && existing.Number <= number && !existing.IsHeadKnown ? existing : null;
        }
    }

    /// <summary>Takes no new readers for this fill from now on.</summary>
    public void Close(Fill fill)
    {
        lock (_gate)
        {
            if (_fills.TryGetValue(fill.GateKey, out var current) && ReferenceEquals(current, fill))
            {
                _fills.Remove(fill.GateKey);
            }
        }
    }

    /// <summary>The fetch ended.</summary>
    public void End(Fill fill)
    {
        Close(fill);
        Interlocked.Decrement(ref _underWay);
    }

    /// <summary>Waits for the head; null after <paramref name="limit"/>, or when the client left.</summary>
    public async Task<FillHead?> WaitForHeadAsync(Fill fill, TimeSpan limit, TimeProvider time, CancellationToken clientGone)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            return await fill.Head.WaitAsync(limit, time, clientGone);
        }
        catch (TimeoutException)
        {
            return null;
        }
        catch (OperationCanceledException) when (clientGone.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private static string[] TagsKnown(Fill fill) => fill.IsHeadKnown && fill.Head.Result.Response is { } response ? response.Tags : [];
}
