namespace CacheGateway.Cli.Demo;

internal static class Percentiles
{
    /// <summary>
    /// The smallest measured value that at least this share of the values does not exceed (nearest rank: never a value nobody saw); null
    /// without values.
    /// </summary>
    public static double? Of(IReadOnlyCollection<double> values, double share)
    {
        if (values.Count == 0)
        {
            return null;
        }

        var sorted = values.Order().ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
