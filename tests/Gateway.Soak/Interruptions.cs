namespace CacheGateway.Soak;

/// <summary>When something was not as it should be, so that what clients saw then is not held against the gateway.</summary>
internal sealed class Interruptions(TimeSpan aftermath)
{
    private readonly Lock _lock = new();
    private readonly List<(TimeSpan From, TimeSpan? To)> _spans = [];

    public void Begin()
    {
        lock (_lock)
        {
            _spans.Add((Clock.Now, null));
        }
    }

    public void End()
    {
        lock (_lock)
        {
            _spans[^1] = (_spans[^1].From, Clock.Now);
        }
    }

    /// <summary>Whether one of them, with its aftermath, touches the time from <paramref name="from"/> to <paramref name="to"/>.</summary>
    public bool Touch(TimeSpan from, TimeSpan to)
    {
        lock (_lock)
        {
            for (var i = _spans.Count - 1; i >= 0 && i >= _spans.Count - 8; i--)
            {
                if (_spans[i].From <= to && (_spans[i].To is not { } end || end + aftermath >= from))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
