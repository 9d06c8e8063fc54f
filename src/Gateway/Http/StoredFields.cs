using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>Which fields of a response go into storage (RFC 9111 3.1), and which request fields select it.</summary>
internal static class StoredFields
{
    /// <summary>Without hop-by-hop fields, Age (made anew for each answer) and what directives or the policy withhold.</summary>
    public static HeaderField[] Of(ResponseFacts response, CachePolicy policy)
    {
        var fields = HeaderField.Without(
            HopByHop.Strip(response.Headers), (response, policy), static (field, on) => field.Is("Age") || Withholds(on.response, on.policy, field.Name));
        return Array.ConvertAll(fields, static field => new HeaderField(SharedText.Of(field.Name), SharedText.Of(field.Value)));
    }

    /// <summary>
    /// private="field" must not be stored (5.2.2.7), no-cache="field" must not be reused unvalidated (5.2.2.4): it is simplest not to have it.
    /// </summary>
    public static bool Withholds(ResponseFacts response, CachePolicy policy, string name) =>
        response.Directives.PrivateFields.Contains(name, StringComparer.OrdinalIgnoreCase)
        || response.Directives.NoCacheFields.Contains(name, StringComparer.OrdinalIgnoreCase)
        || (policy.StripSetCookie && string.Equals(name, "Set-Cookie", StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// Vary without what the policy ignores, and Origin where the profile says so: an answer that allows one origin by name was made for it, whether the request named it or not. The same for
    /// a content coding, which was made for who accepts it.
    /// </summary>
    public static string[] VaryOf(ResponseFacts response, CachePolicy policy)
    {
        var names = policy.Vary.Count == 0 ? response.VaryNames
            : Array.FindAll(response.VaryNames, name => !IsIgnored(name, policy));
        var rules = ProfileRules.For(policy.Profile);
        if (rules.VaryOnNamedAllowOrigin && response.AllowOrigin is { } allowed && allowed.Trim() != "*")
        {
            names = With(names, "Origin");
        }

        return rules.VaryOnContentEncoding && response.IsCoded && !IsIgnored("Accept-Encoding", policy) ? With(names, "Accept-Encoding") : names;
    }

    private static string[] With(string[] names, string name) => names.Contains(name, StringComparer.OrdinalIgnoreCase) ? names : [.. names, name];

    private static bool IsIgnored(string name, CachePolicy policy) => policy.Vary.TryGetValue(name, out var action) && action == VaryAction.Ignore;
}
