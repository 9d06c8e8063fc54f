using System.Text;
using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>Templates are compared byte for byte. A backend may take other spellings of a path for the same one, and a write by any of them changes what is stored by the template's.</summary>
internal static class TemplateSpelling
{
    /// <summary>Whether the template may take a folded path without a slash at its end in another spelling alone: it is not folded itself, or wants a slash there.</summary>
    /// <param name="template">Of a policy.</param>
    public static bool MayDiffer(PathTemplate template)
    {
        ArgumentNullException.ThrowIfNull(template);
        return !ReferenceEquals(template.Folded(), template) || (template.Text.Length > 1 && template.Text.EndsWith('/')) || template.Text.LastIndexOf("/{*", StringComparison.Ordinal) > 0;
    }

    /// <summary>
    /// How templates spell a path that they take in another spelling. Their own segments are compared by what <see cref="PathSpelling.Fold"/> makes of them; empty ones, parameters behind ";"
    /// and a slash at the end do not count. What stands in a hole stays as it is.
    /// </summary>
    /// <param name="templates">Of policies.</param>
    /// <param name="path">As <see cref="TargetSpelling.Normalise"/> makes it, without a query.</param>
    public static IEnumerable<string> Of(IReadOnlyList<PathTemplate> templates, string path)
    {
        ArgumentNullException.ThrowIfNull(templates);
        ArgumentNullException.ThrowIfNull(path);
        if (templates.Count == 0)
        {
            return [];
        }

        string[] written = [.. path.Split('/').Select(WithoutParameters).Where(part => part.Length > 0)];
        return templates.Select(template => Of(template, written)).OfType<string>().Where(spelt => spelt != path);
    }

    private static string? Of(PathTemplate template, string[] written)
    {
        var spelt = new StringBuilder();
        var next = 0;
        foreach (var own in template.Text[1..].Split('/'))
        {
            spelt.Append('/');
            if (own.StartsWith("{*", StringComparison.Ordinal))
            {
                spelt.AppendJoin('/', written[next..]);
                next = written.Length;
            }
            else if (own.Length > 0)
            {
                if (next == written.Length || (!own.StartsWith('{') && PathSpelling.Fold(own) != PathSpelling.Fold(written[next])))
                {
                    return null;
                }

                spelt.Append(own.StartsWith('{') ? written[next] : own);
                next++;
            }
        }

        return next == written.Length && spelt.ToString() is var path && template.IsMatch(path) ? path : null;
    }

    private static string WithoutParameters(string part) => part.IndexOf(';', StringComparison.Ordinal) is >= 0 and var at ? part[..at] : part;
}
