namespace BackendApi.Costs;

/// <summary>What one request asked of the data: made with the request, filled by the stores, read by <see cref="CostFilter"/>.</summary>
internal sealed class QueryMeter(TimeProvider time)
{
    public int Queries { get; private set; }

    /// <summary>From taking a connection to the commit.</summary>
    public TimeSpan Elapsed { get; private set; }

    public void CountQuery() => Queries++;

    public Timing Time() => new(this, time.GetTimestamp());

    internal readonly struct Timing(QueryMeter meter, long start) : IDisposable
    {
        public void Dispose() => meter.Elapsed += meter.Since(start);
    }

    private TimeSpan Since(long start) => time.GetElapsedTime(start);
}
