using System.Globalization;
using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Policies.Document;
using CacheGateway.Policies.Reading;

namespace CacheGateway.Policies.Compiling;

/// <summary>Makes the conditions of a policy: one set for each path.</summary>
internal sealed class MatchCompiler(PolicyErrors errors)
{
    public IReadOnlyList<PolicyMatch> Compile(MatchSection? section, Location at)
    {
        if (section is null)
        {
            return [PolicyMatch.Everything];
        }

        var match = new PolicyMatch
        {
            Methods = NotEmpty(section.Methods, at.Member("methods")) ?? PolicyMatch.Everything.Methods,
            Hosts = [.. Hosts(section.Hosts ?? [], at.Member("hosts"))],
            Query = Query(section.Query, at.Member("query")),
            Headers = Headers(section.Headers, at.Member("headers")),
        };
        return section.Path is null
            ? [match]
            : [.. Paths(NotEmpty(section.Path, at.Member("path"))!, at.Member("path")).Select(path => match with { Path = path })];
    }

    private IReadOnlyList<string>? NotEmpty(IReadOnlyList<string>? list, Location at)
    {
        if (list?.Count == 0)
        {
            errors.Add(at, "must not be empty");
        }

        return list;
    }

    private IEnumerable<PathTemplate> Paths(IReadOnlyList<string> texts, Location at)
    {
        foreach (var (index, text) in texts.Index())
        {
            if (PathTemplate.TryParse(text, out var error) is { } path)
            {
                yield return path;
            }
            else
            {
                errors.AddValue(texts.Count == 1 ? at : at.Item(index), text, error!);
            }
        }
    }

    private IEnumerable<string> Hosts(IReadOnlyList<string> hosts, Location at)
    {
        foreach (var (index, host) in hosts.Index())
        {
            if (IsHost(host))
            {
                yield return AuthorityText.WithoutFinalDot(host.ToLowerInvariant());
            }
            else
            {
                errors.AddValue(at.Item(index), host, "must be a host such as \"api.example.org\", \"*.example.org\" or \"[::1]:8080\"");
            }
        }
    }

    private static bool IsHost(string text)
    {
        var name = text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text;
        if (AuthorityText.PortStart(name) is >= 0 and var colon)
        {
            if (!ushort.TryParse(name.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0 || name[colon + 1] == '0')
            {
                return false;
            }

            name = name[..colon];
        }

        // Outside of ASCII a host is sent in its "xn--" form, and has to be written so.
        return System.Text.Ascii.IsValid(name) && Uri.CheckHostName(name) switch
        {
            UriHostNameType.Dns => true,
            UriHostNameType.IPv4 => !text.StartsWith('*'),
            UriHostNameType.IPv6 => text.StartsWith('['),
            _ => false,
        };
    }

    private Dictionary<string, string?> Query(IReadOnlyDictionary<string, string>? written, Location at)
    {
        var query = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (name, value) in written ?? new Dictionary<string, string>())
        {
            query[name] = ValueOf(value);
            if (name.Length == 0)
            {
                errors.Add(at.Member(name), "must be a query parameter's name");
            }
        }

        return query;
    }

    private Dictionary<string, string?> Headers(IReadOnlyDictionary<string, string>? written, Location at)
    {
        var headers = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in written ?? new Dictionary<string, string>())
        {
            if (HeaderNames.IsOnce(name, headers.ContainsKey(name), at.Member(name), errors))
            {
                headers[name] = ValueOf(value);
            }
        }

        return headers;
    }

    private static string? ValueOf(string text) => text == PolicyConditions.AnyValue ? null : text;
}
