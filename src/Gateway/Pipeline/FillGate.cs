using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Pipeline.Resilience;
using CacheGateway.Storage;

namespace CacheGateway.Pipeline;

/// <summary>
/// Which fetch serves whom: at most one fill under way per key (and variant) that newcomers may join. A fill leaves the gate when it ends,
/// when it may not take new readers any more, or when an invalidation makes it too old for newcomers.
/// </summary>
internal sealed class FillGate(TagEpochs epochs, GatewayLimits limits, OriginLimits origin, TimeProvider time)
{
    /// <summary>
    /// What goes on for nobody takes this part of the places for fetches that may be shared, and of those at an origin: who asks and leaves costs the others no more, however fast he is, and eight that are
    /// impatient at once find their answers when they come again even where an origin is given 64 requests. An eighth, as of the memory for one entry.
    /// </summary>
    private const int LeftShare = 8;

    private readonly int _mostLeft = Math.Max(1, Math.Min(limits.MaxFills, origin.MaxRequests) / LeftShare);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Fill> _fills = new(StringComparer.Ordinal);
    private long _last;
    private int _underWay;
    private int _shared;
    private int _apart;
    private int _left;
    private int _waiting;

    /// <summary>The number of the last fill that began.</summary>
    public long Last => Volatile.Read(ref _last);

    /// <summary>Fills under way, joinable or not.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>Requests that wait for the head of a fill somebody else started.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>
    /// Joins the fill of <paramref name="gateKey"/> or makes a new one for the caller to start. A fill whose key was raised since it began is
    /// never joined, nor one that is known to give nothing for later arrivals: it goes on for those it already has.
    /// </summary>
    /// <param name="gateKey">See <see cref="GateKey"/>.</param>
    /// <param name="key">The primary key.</param>
    /// <param name="policy">The policy in force.</param>
    /// <param name="validating">The stored response to validate; left out if it is dead by now.</param>
    /// <param name="mustBeNew">The request may not share an answer that was asked for before it came.</param>
    /// <param name="background">Started for no client.</param>
    /// <param name="caller">What <paramref name="isStored"/> is asked with.</param>
    /// <param name="isStored">
    /// Asked before a fill is made: a fill stores its response before it leaves the gate, so who finds no fill here and still nothing in the
    /// store is the first.
    /// </param>
    /// <param name="after">Only a fill with a higher number may be joined: a blind node cannot know what was raised before.</param>
    public FillTicket Join<TCaller>(
        string gateKey, CacheKey key, CachePolicy policy, StoredResponse? validating, bool mustBeNew, bool background, TCaller caller, Func<TCaller, bool> isStored,
        long after = 0)
    {
        lock (_gate)
        {
            if (!mustBeNew)
            {
                if (_fills.TryGetValue(gateKey, out var existing) && existing.Number > after && IsJoinable(existing, key))
                {
                    if (existing.KnownHead is null && existing.Readers >= limits.MaxWaiters)
                    {
                        return new FillTicket(FillEntry.Crowded, null);
                    }

                    existing.Enter();
                    return new FillTicket(FillEntry.Joined, existing);
                }

                if (isStored(caller))
                {
                    return new FillTicket(FillEntry.Stored, null);
                }
            }

            // What one client may not share is its own request, and has its limit where all of those have it: the origin's places.
            if (!mustBeNew && _shared >= limits.MaxFills)
            {
                return new FillTicket(FillEntry.Full, null);
            }

            // The epoch is read before the stored response is checked: a raise between the two makes the fill too old, never the dead alive.
            var epoch = epochs.Now;
            var alive = validating is not null && epochs.Check(validating) != Liveness.Dead ? validating : null;
            var fill = new Fill(gateKey, key, policy, alive, epoch, background, limits.DesertedFill, time) { Number = ++_last, IsShared = !mustBeNew };
            if (!background)
            {
                fill.Enter();
            }

            _fills[gateKey] = fill;
            _underWay++;
            _shared += fill.IsShared ? 1 : 0;

            return new FillTicket(FillEntry.New, fill);
        }
    }

    /// <summary>Whether a fetch of <paramref name="gateKey"/> is under way that newcomers might join.</summary>
    public bool IsUnderWay(string gateKey)
    {
        lock (_gate)
        {
            return _fills.ContainsKey(gateKey);
        }
    }

    /// <summary>The fill of <paramref name="gateKey"/> that began before and whose head is still to come, or null.</summary>
    public Fill? Before(string gateKey, long number)
    {
        lock (_gate)
        {
            return _fills.TryGetValue(gateKey, out var existing) && existing.Number <= number && existing.KnownHead is null ? existing : null;
        }
    }

    /// <summary>
    /// Takes no new readers for this fill from now on. Its place among those that may be shared is free for another: one who reads an answer of his own slowly must not keep it. As many as
    /// there are places may be apart, which bounds what their windows take.
    /// </summary>
    public void Close(Fill fill)
    {
        lock (_gate)
        {
            Remove(fill);
            if (fill is { IsShared: true, IsApart: false } && _apart < limits.MaxFills)
            {
                fill.IsApart = true;
                _apart++;
                _shared--;
            }
        }
    }

    /// <summary>
    /// A client leaves. With none left, a fetch that can be stored goes on within its caps, so that who was impatient finds the answer when he asks again; of these there are only so many. Those
    /// that go on are the ones that were there first, and stay it when they are joined and left again: they are the nearest to their ends, and where each that comes ended the oldest, none would get there.
    /// Any other is cancelled at once. One without a head may give something that can be stored, or nothing at all: then its end is what says so of the origin, whose clients may all be more impatient than this gateway.
    /// What is fetched in the background is bounded where it begins.
    /// </summary>
    public void Leave(Fill fill)
    {
        if (!fill.Leave())
        {
            return;
        }

        lock (_gate)
        {
            // Looked at again, where nobody can join it meanwhile: another may have come, or left before.
            if (!fill.IsDeserted || fill.HasEnded)
            {
                return;
            }

            if (IsOfUse(fill) && (fill.IsBackground || fill.IsLeft || _left < _mostLeft))
            {
                Recount(fill, isLeft: !fill.IsBackground);
                return;
            }

            Remove(fill);
        }

        fill.Cancel();
    }

    /// <summary>The fetch ended.</summary>
    public void End(Fill fill)
    {
        lock (_gate)
        {
            Remove(fill);
            Recount(fill, isLeft: false);
            fill.HasEnded = true;
            _underWay--;
            if (fill.IsApart)
            {
                _apart--;
            }
            else if (fill.IsShared)
            {
                _shared--;
            }
        }
    }

    /// <summary>Whether somebody who comes later may have something of it.</summary>
    private static bool IsOfUse(Fill fill) => fill.KnownHead is not { } head || (head.IsShareable && fill.Body is not { IsWindowed: true });

    private void Recount(Fill fill, bool isLeft)
    {
        if (fill.IsLeft != isLeft)
        {
            fill.IsLeft = isLeft;
            _left += isLeft ? 1 : -1;
        }
    }

    private void Remove(Fill fill)
    {
        if (_fills.TryGetValue(fill.GateKey, out var current) && ReferenceEquals(current, fill))
        {
            _fills.Remove(fill.GateKey);
        }
    }

    /// <summary>Waits for the head; null after <paramref name="limit"/>, or when the client left.</summary>
    public async Task<FillHead?> WaitForHeadAsync(Fill fill, TimeSpan limit, CancellationToken clientGone) =>
        await WaitAsync(fill.HeadAsync(), limit, clientGone) ? fill.KnownHead : null;

    /// <summary>Waits for the end of the fetch; false after <paramref name="limit"/>, or when the client left.</summary>
    public Task<bool> WaitForEndAsync(Fill fill, TimeSpan limit, CancellationToken clientGone) => WaitAsync(fill.DoneAsync(), limit, clientGone);

    private async Task<bool> WaitAsync(Task task, TimeSpan limit, CancellationToken clientGone)
    {
        // Its time runs before it is counted: whoever sees it wait may move the clock.
        var waiting = task.WaitAsync(limit, time, clientGone);
        Interlocked.Increment(ref _waiting);
        try
        {
            await waiting;
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        catch (OperationCanceledException) when (clientGone.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private bool IsJoinable(Fill fill, CacheKey key)
    {
        var response = fill.KnownHead?.Response;
        if (response is { Freshness: var freshness }
            && (freshness.Lifetime <= freshness.InitialAge || !ServeDecision.MayServeUnvalidated(freshness, Instant.MonotonicNow(time))))
        {
            // A body may take longer to come than it stays fresh: who comes after that shares a newer one.
            return false;
        }

        // A soft mark too: what was asked for before it is not what validation would bring.
        return epochs.Check(fill.Epoch, key.Resource, response?.Tags ?? []) == Liveness.Alive;
    }
}

/// <summary>How a request came out of <see cref="FillGate.Join"/>.</summary>
internal enum FillEntry
{
    /// <summary>The caller starts the fill.</summary>
    New,

    /// <summary>Somebody else's fill.</summary>
    Joined,

    /// <summary>No fill is needed: the answer was stored meanwhile.</summary>
    Stored,

    /// <summary>The budget of concurrent fills is spent.</summary>
    Full,

    /// <summary>More than enough wait for the answer to this key already.</summary>
    Crowded,
}

/// <param name="Entry">What happened.</param>
/// <param name="Fill">The fill, when there is one.</param>
internal readonly record struct FillTicket(FillEntry Entry, Fill? Fill);
