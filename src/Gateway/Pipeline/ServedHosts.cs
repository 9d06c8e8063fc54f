using CacheGateway.Http;

namespace CacheGateway.Pipeline;

/// <summary>The names by which a listener may be called (<c>--hosts</c>, <c>--admin-hosts</c>); none = by any. They are read as those of policies are (<see cref="AuthorityText.IsTaken"/>).</summary>
internal sealed class ServedHosts(IReadOnlyList<string> names)
{
    private readonly HashSet<string> _names = new(names.Select(AuthorityText.WithoutFinalDot), StringComparer.OrdinalIgnoreCase);

    /// <summary>Those that name a port: a request has none where it is its scheme's.</summary>
    private readonly string[] _withPorts = [.. names.Select(AuthorityText.WithoutFinalDot).Where(name => AuthorityText.PortStart(name) >= 0)];

    /// <param name="authority">Normalised; null where the request names none.</param>
    public bool Serve(string? authority) => _names.Count == 0 || (authority is not null && IsNamed(authority));

    /// <summary>Whether they are named, and this is one of them.</summary>
    public bool Names(string authority) => _names.Count > 0 && IsNamed(authority);

    private bool IsNamed(string authority)
    {
        if (_names.Contains(authority) || _names.Contains(AuthorityText.WithoutPort(authority)))
        {
            // As nearly every request names it, however many names there are.
            return true;
        }

        foreach (var name in _withPorts)
        {
            if (AuthorityText.IsTaken(name, authority))
            {
                return true;
            }
        }

        return false;
    }
}
