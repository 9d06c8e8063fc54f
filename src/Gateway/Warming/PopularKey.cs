using System.Text.Json;

namespace CacheGateway.Warming;

/// <summary>A request that was asked often, as it is recorded.</summary>
/// <param name="Scheme">http or https.</param>
/// <param name="Authority">Host and port as keyed.</param>
/// <param name="Target">Path and query as forwarded.</param>
/// <param name="Headers">Fields that select the variant.</param>
internal sealed record PopularKey(string Scheme, string Authority, string Target, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>Of the layout; another one is not read.</summary>
    private const int Version = 1;

    public static byte[] Write(IReadOnlyList<PopularKey> keys) => JsonSerializer.SerializeToUtf8Bytes(new Record(Version, keys), JsonSerializerOptions.Web);

    /// <summary>Empty for what was not written by this version.</summary>
    public static IReadOnlyList<PopularKey> Read(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<Record>(bytes, JsonSerializerOptions.Web) is { Version: Version, Keys: { } keys }
                ? [.. keys.Where(key => key is { Scheme: not null, Authority: not null, Target: not null, Headers: not null })]
                : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    public static PopularKey Of(WarmTarget target) => new(target.Scheme, target.Authority, target.Target, target.Headers);

    private sealed record Record(int Version, IReadOnlyList<PopularKey>? Keys);
}
