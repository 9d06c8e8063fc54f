using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Policies.Document;
using CacheGateway.Policies.Reading;

namespace CacheGateway.Policies.Compiling;

/// <summary>Makes what a policy fetches before it is asked for.</summary>
internal sealed class WarmCompiler(PolicyErrors errors)
{
    /// <summary>With more, one URL would be a load of its own.</summary>
    private const int MostVariants = 64;

    private const int LongestValue = 1024;

    private static readonly string[] Credentials = ["Authorization", "Cookie", "Proxy-Authorization"];

    public WarmRules Compile(WarmSection? section, IReadOnlyList<PolicyMatch> matches, Location at) => section is null ? WarmRules.None : new WarmRules
    {
        Urls = Urls(section.Urls ?? [], matches, at.Member("urls")),
        Variants = Variants(section.Variants ?? new Dictionary<string, IReadOnlyList<string>>(), at.Member("variants")),
        AfterInvalidation = section.AfterInvalidation ?? false,
    };

    private IReadOnlyList<string> Urls(IReadOnlyList<string> urls, IReadOnlyList<PolicyMatch> matches, Location at)
    {
        foreach (var (index, url) in urls.Index())
        {
            var problem = !RequestTarget.IsKeyable(url) || url.StartsWith("//", StringComparison.Ordinal) ? "must be a path with query as it is sent, such as \"/api/products?page=1\""
                : !matches.Any(match => match.Path?.IsMatch(url.Split('?')[0]) != false) ? "is not taken by this policy's \"match\""
                : null;
            if (problem is not null)
            {
                errors.AddValue(at.Item(index), url, problem);
            }
        }

        return urls;
    }

    private Dictionary<string, IReadOnlyList<string>> Variants(IReadOnlyDictionary<string, IReadOnlyList<string>> written, Location at)
    {
        var variants = new Dictionary<string, IReadOnlyList<string>>(StringComparer.OrdinalIgnoreCase);
        var combinations = 1L;
        foreach (var (header, values) in written)
        {
            var place = at.Member(header);
            if (!HeaderNames.IsOnce(header, variants.ContainsKey(header), place, errors))
            {
                continue;
            }

            if (Credentials.Contains(header, StringComparer.OrdinalIgnoreCase))
            {
                errors.Add(place, "would warm one user's answer; only what everybody shares can be warmed");
            }
            else if (values.Count == 0)
            {
                errors.Add(place, "must name at least one value");
            }

            foreach (var (index, value) in values.Index())
            {
                if (value.Length is 0 or > LongestValue || value.AsSpan().IndexOfAnyExceptInRange(' ', '~') >= 0)
                {
                    errors.AddValue(place.Item(index), value, "must be a header's value in printable ASCII");
                }
            }

            variants[header] = values;
            combinations *= Math.Max(1, values.Count);
        }

        if (combinations > MostVariants)
        {
            errors.Add(at, $"makes {combinations} combinations; at most {MostVariants} are warmed");
        }

        return variants;
    }
}
