using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>
/// A response in exactly the language that a request gives more weight than all others cannot be outdone by another selection
/// (RFC 9110 12.5.4), so it is selected although its Accept-Language was worded differently. Every other field of its Vary must match;
/// a policy that compares Accept-Language exactly switches this off, and so does a profile that takes the client's words as they are.
/// </summary>
internal static class LanguagePreference
{
    private const string Field = "Accept-Language";

    public static bool Selects<T>(StoredResponse candidate, T request, CachePolicy policy)
        where T : IHeaderSource
    {
        var varies = false;
        foreach (var value in candidate.Vary)
        {
            if (string.Equals(value.Name, Field, StringComparison.OrdinalIgnoreCase))
            {
                varies = true;
            }
            else if (!VaryRules.Same(value, request.Find(value.Name), policy))
            {
                return false;
            }
        }

        return varies
            && VaryRules.ActionFor(Field, policy) == VaryAction.Normalise
            && !VaryRules.ComparesWords(Field, policy)
            && candidate.Header("Content-Language") is { } language
            && Wants(request.Find(Field), language.AsSpan().Trim(" \t"));
    }

    /// <summary>True when <paramref name="language"/> has the highest weight and nothing else has as much.</summary>
    private static bool Wants(string? preferences, ReadOnlySpan<char> language)
    {
        int own = 0, others = 0;
        var list = new WeightedList(preferences);
        while (list.Read() && !list.Failed)
        {
            if (list.Name.Equals(language, StringComparison.OrdinalIgnoreCase))
            {
                own = Math.Max(own, list.Weight);
            }
            else
            {
                others = Math.Max(others, list.Weight);
            }
        }

        return !list.Failed && own > others;
    }
}
