namespace Compare;

/// <summary>What a load generator saw. Latencies in milliseconds; NaN where it does not tell.</summary>
/// <param name="Requests">Answered, whatever the status.</param>
/// <param name="Seconds">Of the measured time.</param>
/// <param name="P50">Half of the answers took no longer.</param>
/// <param name="P99">All but one in a hundred took no longer.</param>
/// <param name="Errors">Answers other than 2xx and 3xx, and connections that failed.</param>
internal sealed record LoadResult(long Requests, double Seconds, double P50, double P99, long Errors)
{
    public double Rate => Requests / Seconds;
}
