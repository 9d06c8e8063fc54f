using System.Collections.Concurrent;

namespace CacheGateway.Pipeline.Resilience;

/// <summary>
/// The places for requests under way to one destination. A client could hold one for as long as it likes while the origin has nothing to do: so requests with content,
/// which may be sent slowly, have half of the places at most; and where no place is left, the answers that their clients have not taken for a second give up theirs.
/// </summary>
internal sealed class DestinationPlaces(int most, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly int _mostWithContent = Math.Max(1, most / 2);

    /// <summary>Answers whose bodies came in several pieces: only these can wait for their client.</summary>
    private readonly ConcurrentDictionary<ForwardFeature, byte> _handedOn = [];

    private int _taken;
    private int _withContent;

    public int Taken => Volatile.Read(ref _taken);

    /// <summary>Takes a place; false when there is none. Whoever got one gives it back with <see cref="Leave"/>.</summary>
    public bool TryEnter(bool hasContent) => TryTake(hasContent) || (TakeBack(hasContent) && TryTake(hasContent));

    public void Leave(ForwardFeature forward)
    {
        _handedOn.TryRemove(forward, out _);
        Interlocked.Decrement(ref _taken);
        if (forward.HasContent)
        {
            Interlocked.Decrement(ref _withContent);
        }
    }

    /// <summary>A piece of the body was handed on, and now it is the client's turn.</summary>
    public void HandedOn(ForwardFeature forward)
    {
        forward.HandedOnAt = Math.Max(1, time.GetTimestamp());
        if (!forward.IsSeen)
        {
            forward.IsSeen = true;
            _handedOn.TryAdd(forward, 0);
        }
    }

    private bool TryTake(bool hasContent)
    {
        if (!TryRaise(ref _taken, most))
        {
            return false;
        }

        if (hasContent && !TryRaise(ref _withContent, _mostWithContent))
        {
            Interlocked.Decrement(ref _taken);
            return false;
        }

        return true;
    }

    /// <summary>
    /// Looked for only where there is no place left: nothing watches clients otherwise. Where only the half for requests with content is full, only their answers could make room.
    /// </summary>
    private bool TakeBack(bool hasContent)
    {
        var found = false;
        var isOfThatHalf = hasContent && Taken < most;
        foreach (var (forward, _) in _handedOn)
        {
            if ((!isOfThatHalf || forward.HasContent) && forward.HandedOnAt is var at and not 0 && time.GetElapsedTime(at) >= Patience)
            {
                forward.LeavePlace();
                found = true;
            }
        }

        return found;
    }

    private static bool TryRaise(ref int count, int most)
    {
        var raised = Interlocked.Increment(ref count) <= most;
        if (!raised)
        {
            Interlocked.Decrement(ref count);
        }

        return raised;
    }
}
