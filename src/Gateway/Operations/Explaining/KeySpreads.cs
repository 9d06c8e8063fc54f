using System.Text.Json;
using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Pipeline;
using CacheGateway.Policies.Rules;
using CacheGateway.Storage;

namespace CacheGateway.Operations.Explaining;

/// <summary>Which parts of the key make many entries of one path: what is keyed but does not matter turns hits into misses.</summary>
internal static class KeySpreads
{
    /// <summary>Fewer values than this are how a key is meant.</summary>
    private const int Least = 8;

    private const int MostLookedAt = 20_000;

    public static IReadOnlyList<KeySpread> Of(MemoryTier memory, CacheKey key)
    {
        var path = key.Resource.Path.ToString();
        var entries = memory.Snapshot()
            .Take(MostLookedAt)
            .Where(set => set.Key.Policy == key.Resource.Policy && set.Key.Resource.Path.SequenceEqual(path))
            .Select(set => (Parts: PartsOf(set.Key.ToString()), Hits: set.Responses.ToArray().Sum(response => response.Hits)))
            .ToArray();
        var hits = entries.Sum(entry => entry.Hits);
        return [.. entries.SelectMany(entry => entry.Parts).GroupBy(part => part.Key, part => part.Value)
            .Select(part => new KeySpread(part.Key, part.Distinct(StringComparer.Ordinal).Count(), entries.Length, hits))
            .Where(spread => spread.Values >= Least && spread.Values * 2 > entries.Length)
            .OrderByDescending(spread => spread.Values).ThenBy(spread => spread.Part, StringComparer.Ordinal)];
    }

    /// <summary>
    /// What would key by less, where one part alone spreads the keys and they are hardly hit. Never sharing what each identity has an entry of its own of, be it told by the rule of identities
    /// or by a keyed field that says who asks: that is cacheable, and only a person can know whether all of them would be answered alike.
    /// </summary>
    public static PolicyLever? Remedy(IReadOnlyList<KeySpread> spreads, CachePolicy policy)
    {
        // Where two parts spread, the keys would stay as many without either.
        if (spreads is not [var spread] || spread.Hits > spread.Entries)
        {
            return null;
        }

        var (kind, name) = spread.Part.IndexOf(' ', StringComparison.Ordinal) is > 0 and var space ? (spread.Part[..space], spread.Part[(space + 1)..]) : (spread.Part, "");
        return kind switch
        {
            "query" when new ParameterNameAttribute().Problem(name) is not null => null,
            "query" when policy.Key.QueryInclude is { } included && included.Contains(name) =>
                Without("key.query.include", [.. included.Where(one => one != name)], NotForwarded(name), static (rules, names) => rules with { QueryInclude = names }),
            "query" => Without("key.query.ignore", [.. policy.Key.QueryIgnore, name], NotForwarded(name), static (rules, names) => rules with { QueryIgnore = names }),
            "header" when CredentialFields.Are(name) => null,
            "header" => Without(
                "key.headers", [.. policy.Key.Headers.Where(header => !header.Equals(name, StringComparison.OrdinalIgnoreCase))],
                $"Right only if the answer does not depend on {name}; if the origin says Vary: {name} it goes on being told apart.", static (rules, names) => rules with { Headers = names }),
            _ => null,
        };

        PolicyLever Without(string member, string[] names, string caution, Func<KeyRules, string[], KeyRules> change) => new(
            member, JsonSerializer.Serialize(names), $"{spread.Entries} entries of this path differ by {spread.Part}, and answered {spread.Hits} requests: key without it.", caution,
            before => before with { Key = change(before.Key, names) });
    }

    private static string NotForwarded(string name) => $"Right only if the answer does not depend on {name}: it will not be forwarded either.";

    private static Dictionary<string, string> PartsOf(string key)
    {
        var parts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (KeyParts.Of(key) is not { } read)
        {
            return parts;
        }

        foreach (var (name, value) in read.Headers)
        {
            parts[$"header {name}"] = value ?? "";
        }

        parts["identity"] = read.Identity;
        var mark = read.Target.IndexOf('?', StringComparison.Ordinal);
        foreach (var pair in mark < 0 ? [] : read.Target[(mark + 1)..].Split('&'))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? pair : pair[..equals];
            parts[$"query {name}"] = parts.GetValueOrDefault($"query {name}") + pair;
        }

        return parts;
    }
}
