using CacheGateway.Http;

namespace CacheGateway.Pipeline;

/// <summary>The host names that are served (<c>--hosts</c>); empty = all. A name without a port stands for every port.</summary>
internal sealed class ServedHosts(IReadOnlyList<string> names)
{
    private readonly HashSet<string> _names = new(names, StringComparer.OrdinalIgnoreCase);

    /// <param name="authority">Normalised; null where the request names none.</param>
    public bool Serve(string? authority) => _names.Count == 0 || (authority is not null && (_names.Contains(authority) || _names.Contains(AuthorityText.WithoutPort(authority))));

    /// <summary>Whether they are named, and this is one of them.</summary>
    public bool Names(string authority) => _names.Count > 0 && Serve(authority);
}
