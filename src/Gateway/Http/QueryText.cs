namespace CacheGateway.Http;

/// <summary>Names and values of a raw query as origins read them.</summary>
internal static class QueryText
{
    /// <summary>Percent signs and plus decoded as forms encode them; what is not well formed stays as it is, and what has neither is returned as it lies there.</summary>
    public static ReadOnlySpan<char> Decode(ReadOnlySpan<char> raw) => raw.ContainsAny('%', '+') ? Uri.UnescapeDataString(raw.ToString().Replace('+', ' ')) : raw;
}
