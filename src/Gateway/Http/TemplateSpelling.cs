using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>Templates are compared byte for byte; one that writes its own part of a path otherwise than it should be takes what means the same in that spelling alone.</summary>
internal static class TemplateSpelling
{
    /// <summary>How the template spells a path, where it takes it in another spelling; else null.</summary>
    /// <param name="template">Of a policy.</param>
    /// <param name="path">As <see cref="TargetSpelling.Normalise"/> makes it, without a query.</param>
    public static string? Of(PathTemplate template, string path)
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(path);
        if (!template.Text.Contains('%', StringComparison.Ordinal))
        {
            return null;
        }

        var (own, parts) = (template.Text.Split('/'), path.Split('/'));
        if (own.Length > parts.Length)
        {
            return null;
        }

        for (var i = 1; i < own.Length; i++)
        {
            if (own[i].Contains('{', StringComparison.Ordinal))
            {
                continue;
            }

            if (TargetSpelling.Normalise("/" + own[i]) != "/" + parts[i])
            {
                return null;
            }

            parts[i] = own[i];
        }

        var spelt = string.Join('/', parts);
        return spelt != path && template.IsMatch(spelt) ? spelt : null;
    }
}
