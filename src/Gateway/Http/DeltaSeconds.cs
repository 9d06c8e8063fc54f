namespace CacheGateway.Http;

/// <summary>Numbers of seconds as the caching fields write them (RFC 9111 1.2.2).</summary>
internal static class DeltaSeconds
{
    /// <summary>What larger numbers count as: the RFC's own ceiling, some 68 years.</summary>
    public const long Max = 2_147_483_648;

    /// <summary>Digits only; anything else is -1. Never overflows.</summary>
    public static long Parse(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return -1;
        }

        long value = 0;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c))
            {
                return -1;
            }

            value = Math.Min(Max, (value * 10) + (c - '0'));
        }

        return value;
    }
}
