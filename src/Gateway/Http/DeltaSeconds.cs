namespace CacheGateway.Http;

/// <summary>delta-seconds (RFC 9111 1.2.2): digits only; what overflows is as good as for ever.</summary>
internal static class DeltaSeconds
{
    /// <summary>About 68 years: more than any cache lives, and far from overflow in milliseconds.</summary>
    public const long Max = 2_147_483_648;

    /// <summary>Null when <paramref name="text"/> is not a non-negative integer.</summary>
    public static long? Parse(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text.IndexOfAnyExceptInRange('0', '9') >= 0)
        {
            return null;
        }

        var digits = text.TrimStart('0');
        return digits.IsEmpty ? 0 : digits.Length > 10 ? Max : Math.Min(Max, long.Parse(digits, provider: null));
    }
}
