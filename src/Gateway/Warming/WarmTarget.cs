namespace CacheGateway.Warming;

/// <summary>One request to ask before a client does: a GET of a path that this gateway serves.</summary>
/// <param name="Scheme">http or https, as clients use it.</param>
/// <param name="Authority">Normalised, and one that is served here.</param>
/// <param name="Target">Path and query, raw; keyable.</param>
/// <param name="Headers">Fields that select a variant; never credentials.</param>
internal sealed record WarmTarget(string Scheme, string Authority, string Target, IReadOnlyDictionary<string, string> Headers)
{
    public static readonly IReadOnlyDictionary<string, string> NoHeaders = new Dictionary<string, string>();
}
