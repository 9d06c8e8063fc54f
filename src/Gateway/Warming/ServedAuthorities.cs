using CacheGateway.Http;
using CacheGateway.Policies;
using Yarp.ReverseProxy;

namespace CacheGateway.Warming;

/// <summary>
/// The hosts that warming may name: those that are configured (--hosts, hosts of routes and of policies), else the gateway's own addresses.
/// A host never decides where a request goes (routes do), but it is sent to the origin, and it is keyed.
/// </summary>
/// <param name="served">From --hosts.</param>
/// <param name="listening">The public addresses as they are bound.</param>
/// <param name="policies">Whose hosts count too.</param>
/// <param name="routes">Whose hosts count too.</param>
internal sealed class ServedAuthorities(IReadOnlyList<string> served, Func<IReadOnlyList<Uri>> listening, IPolicySource policies, IProxyStateLookup routes)
{
    /// <summary>The scheme that clients of the first public address use.</summary>
    public string DefaultScheme => listening().Select(address => address.Scheme).FirstOrDefault() ?? "http";

    /// <summary>For a path alone: the first configured host, as its clients name it, else the first public address.</summary>
    public string DefaultAuthority => RequestTarget.NormaliseAuthority(Configured().FirstOrDefault(), DefaultScheme) ?? Own().FirstOrDefault() ?? "localhost";

    /// <param name="scheme">http or https.</param>
    /// <param name="authority">Normalised.</param>
    public bool Contains(string scheme, string authority) =>
        listening().Any(address => address.Scheme == scheme)
        && (Configured().Any(host => AuthorityText.IsTaken(AuthorityText.WithoutFinalDot(host), authority)) || (served.Count == 0 && Own().Contains(authority, StringComparer.OrdinalIgnoreCase)));

    public IEnumerable<string> All()
    {
        var configured = Configured().ToList();
        return served.Count > 0 ? configured : configured.Concat(Own()).Distinct(StringComparer.OrdinalIgnoreCase);
    }

    private IEnumerable<string> Configured() =>
        served.Count > 0
            ? served
            : routes.GetRoutes().SelectMany(route => route.Config.Match.Hosts ?? [])
                .Concat(policies.Current.Policies.SelectMany(policy => policy.Match.Hosts))
                .Where(host => !host.Contains('*', StringComparison.Ordinal))
                .Distinct(StringComparer.OrdinalIgnoreCase);

    /// <summary>An address that stands for all of the machine's is called by its loopback names.</summary>
    private IEnumerable<string> Own() =>
        listening().SelectMany(address => address.Host is "0.0.0.0" or "[::]" ? ["127.0.0.1", "localhost"] : address.Host == "127.0.0.1" ? [address.Host, "localhost"] : new[] { address.Host },
                (address, host) => RequestTarget.NormaliseAuthority($"{host}:{address.Port}", address.Scheme) ?? "")
            .Where(authority => authority.Length > 0);
}
