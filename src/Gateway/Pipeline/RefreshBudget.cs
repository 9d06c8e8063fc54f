namespace CacheGateway.Pipeline;

/// <summary>
/// How many refreshes a second may go to the origin although nothing has expired. Unused ones are saved up for one second and no longer.
/// </summary>
/// <param name="perSecond">0 = none at all.</param>
/// <param name="time">What measures the second.</param>
internal sealed class RefreshBudget(int perSecond, TimeProvider time)
{
    private readonly Lock _gate = new();
    private double _left = perSecond;
    private long _at = time.GetTimestamp();

    public bool TryTake()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            _left = Math.Min(perSecond, _left + (time.GetElapsedTime(_at, now).TotalSeconds * perSecond));
            _at = now;
            if (_left < 1)
            {
                return false;
            }

            _left--;
            return true;
        }
    }
}
