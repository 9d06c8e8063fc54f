using System.Globalization;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>One member of a Cache-Status field (RFC 9211), read as a structured field so that a malformed one fails the test.</summary>
internal sealed record CacheStatus(string Cache, IReadOnlyDictionary<string, string?> Parameters)
{
    public bool IsHit => Parameters.ContainsKey("hit");

    public string? Forward => Parameters.GetValueOrDefault("fwd");

    public bool IsStored => Parameters.ContainsKey("stored");

    public bool IsCollapsed => Parameters.ContainsKey("collapsed");

    public string? Detail => Parameters.GetValueOrDefault("detail");

    public int? ForwardStatus => Integer("fwd-status");

    public int? Ttl => Integer("ttl");

    /// <summary>Reads all members; the last one is the cache nearest to the client.</summary>
    public static IReadOnlyList<CacheStatus> Parse(string field)
    {
        var reader = new StructuredReader(field);
        var members = new List<CacheStatus>();
        do
        {
            var cache = reader.Item();
            var parameters = new Dictionary<string, string?>(StringComparer.Ordinal);
            while (reader.TryTake(';'))
            {
                var key = reader.Key();
                parameters[key] = reader.TryTake('=') ? reader.Item() : null;
            }

            members.Add(new CacheStatus(cache, parameters));
        }
        while (reader.TryTake(','));
        reader.End();
        return members;
    }

    public override string ToString() =>
        Cache + string.Concat(Parameters.Select(parameter => parameter.Value is null ? $"; {parameter.Key}" : $"; {parameter.Key}={parameter.Value}"));

    private int? Integer(string key) => Parameters.GetValueOrDefault(key) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
