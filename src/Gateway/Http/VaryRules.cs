using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>Which stored response a request selects by the request fields that Vary names (RFC 9111 4.1).</summary>
public static class VaryRules
{
    private const int StackLimit = 512;

    /// <summary>
    /// The form in which values are stored and compared; null (the request has no such field) only ever equals null. <paramref name="inWords"/>: a list of
    /// languages stays as it is written, but for whitespace.
    /// </summary>
    public static string? Normalise(string name, string? value, VaryAction action, bool inWords = false)
    {
        if (value is null || action == VaryAction.Exact)
        {
            return value;
        }

        var buffer = value.Length <= StackLimit ? stackalloc char[StackLimit] : new char[value.Length];
        var normal = buffer[..VaryNormaliser.Write(name, value, buffer, inWords)];
        return normal.SequenceEqual(value) ? value : normal.ToString();
    }

    public static VaryValue[] Capture<T>(string[] names, T request, CachePolicy policy)
        where T : IHeaderSource
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(policy);
        return names.Length == 0
            ? []
            : Array.ConvertAll(names, name => new VaryValue(name, Normalise(name, request.Find(name), ActionFor(name, policy), ComparesWords(name, policy))));
    }

    public static bool Matches<T>(VaryValue[] stored, T request, CachePolicy policy)
        where T : IHeaderSource
    {
        ArgumentNullException.ThrowIfNull(stored);
        ArgumentNullException.ThrowIfNull(policy);
        foreach (var value in stored)
        {
            if (!Same(value, request.Find(value.Name), policy))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Of the matching responses the one with the most recent Date; a complete one before parts, and a part that holds
    /// <paramref name="range"/> (the request's Range, when it has one) before other parts. Where none matches, one in the language that the request
    /// wants most (<see cref="LanguagePreference"/>).
    /// </summary>
    public static StoredResponse? Select<T>(VariantSet set, T request, CachePolicy policy, string? range = null)
        where T : IHeaderSource
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(policy);
        StoredResponse? best = null;
        var bestRank = 0;
        foreach (var candidate in set.Responses)
        {
            var rank = Rank(candidate, range);
            if ((best is null || rank > bestRank || (rank == bestRank && candidate.Date > best.Date)) && Matches(candidate.Vary, request, policy))
            {
                (best, bestRank) = (candidate, rank);
            }
        }

        return best ?? InPreferredLanguage(set, request, policy);
    }

    private static int Rank(StoredResponse candidate, string? range) =>
        candidate.Partial is null ? 2 : range is not null && Ranges.Holds(candidate, range) ? 1 : 0;

    private static StoredResponse? InPreferredLanguage<T>(VariantSet set, T request, CachePolicy policy)
        where T : IHeaderSource
    {
        StoredResponse? best = null;
        foreach (var candidate in set.Responses)
        {
            if (LanguagePreference.Selects(candidate, request, policy) && (best is null || candidate.Date > best.Date))
            {
                best = candidate;
            }
        }

        return best;
    }

    internal static bool Same(in VaryValue stored, string? value, CachePolicy policy)
    {
        if (stored.Value is null || value is null)
        {
            return stored.Value is null && value is null;
        }

        // The stored value is in normal form, so equal text needs no work; nor does a shorter one, as normalising never lengthens.
        if (string.Equals(stored.Value, value, StringComparison.Ordinal))
        {
            return true;
        }

        if (value.Length < stored.Value.Length || ActionFor(stored.Name, policy) == VaryAction.Exact)
        {
            return false;
        }

        if (value.Length > StackLimit)
        {
            return string.Equals(LongForms.Of(stored.Name, value, ComparesWords(stored.Name, policy)), stored.Value, StringComparison.Ordinal);
        }

        Span<char> buffer = stackalloc char[StackLimit];
        return buffer[..VaryNormaliser.Write(stored.Name, value, buffer, ComparesWords(stored.Name, policy))].SequenceEqual(stored.Value);
    }

    /// <summary>
    /// Normal forms of the long values that this thread has just compared: one request's are compared with those of every variant, and whoever sends them would have each of these pay for
    /// bringing them into form.
    /// </summary>
    private sealed class LongForms
    {
        private const int Kept = 4;

        [ThreadStatic]
        private static LongForms? _own;

        private readonly (string Name, string Value, bool InWords, string? Form)[] _forms = new (string, string, bool, string?)[Kept];
        private int _next;

        public static string? Of(string name, string value, bool inWords) => (_own ??= new LongForms()).Find(name, value, inWords);

        private string? Find(string name, string value, bool inWords)
        {
            foreach (var known in _forms)
            {
                if (known.InWords == inWords && known.Value == value && known.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return known.Form;
                }
            }

            var form = Normalise(name, value, VaryAction.Normalise, inWords);
            _forms[_next] = (name, value, inWords, form);
            _next = (_next + 1) % Kept;
            return form;
        }
    }

    /// <summary>Whether a list of languages is compared in the client's words and order, unless the policy says that it is normalised.</summary>
    internal static bool ComparesWords(string name, CachePolicy policy) =>
        !ProfileRules.For(policy.Profile).ReadsLanguages
        && name.Equals("Accept-Language", StringComparison.OrdinalIgnoreCase)
        && !policy.Vary.ContainsKey(name);

    internal static VaryAction ActionFor(string name, CachePolicy policy) =>
        policy.Vary.Count > 0 && policy.Vary.TryGetValue(name, out var action) ? action : VaryAction.Normalise;
}
