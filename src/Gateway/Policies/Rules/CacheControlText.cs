using System.Globalization;
using CacheGateway.Model;

namespace CacheGateway.Policies.Rules;

/// <summary>Takes max-age out of a Cache-Control value, because it is sent with the age added; checks the rest.</summary>
internal static class CacheControlText
{
    private const string MaxAge = "max-age";

    /// <summary>Directives of RFC 9111 5.2.2, RFC 5861 and RFC 8246.</summary>
    private static readonly string[] Plain =
        ["public", "private", "no-cache", "no-store", "no-transform", "must-revalidate", "proxy-revalidate", "must-understand", "immutable"];

    private static readonly string[] WithSeconds = [MaxAge, "s-maxage", "stale-while-revalidate", "stale-if-error"];

    public static ClientCacheControl? TryParse(string text, out string? error)
    {
        var directives = new List<string>();
        long? maxAge = null;
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var directive in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var equals = directive.IndexOf('=', StringComparison.Ordinal);
            var name = (equals < 0 ? directive : directive[..equals]).ToLowerInvariant();
            var seconds = equals < 0 ? null : Seconds(directive[(equals + 1)..]);
            error = Problem(name, equals >= 0, seconds) ?? (seen.Add(name) ? null : $"names {name} twice");
            if (error is not null)
            {
                return null;
            }

            if (name == MaxAge)
            {
                maxAge = seconds;
            }
            else
            {
                directives.Add(directive);
            }
        }

        error = seen.Contains("public") && seen.Contains("private") ? "says both public and private"
            : seen.Contains("no-store") && maxAge > 0 ? "says both no-store and max-age"
            : null;
        return error is null ? new ClientCacheControl(string.Join(", ", directives), maxAge) : null;
    }

    private static string? Problem(string name, bool hasValue, long? seconds) =>
        WithSeconds.Contains(name) ? seconds is null ? $"must give {name} whole seconds, such as {name}=60" : null
            : !Plain.Contains(name) ? $"must not name \"{name}\", which is no directive of a response{Suggestion.For(name, [.. Plain, .. WithSeconds])}"
            : hasValue ? $"must not give {name} a value"
            : null;

    /// <summary>At most 2^31, as RFC 9111 1.2.2 asks recipients to hold.</summary>
    private static long? Seconds(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= 1L << 31 ? seconds : null;
}
