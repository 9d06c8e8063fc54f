using System.Net;
using CacheGateway.Http;
using CacheGateway.Pipeline;

namespace CacheGateway.Admin;

/// <summary>Who may be on the admin listener: whoever carries the token or a session, or anybody where there is none. Asked again of those who stay.</summary>
internal sealed class AdminAccess(AdminToken token, AdminSession session, AdminOptions options)
{
    private readonly ServedHosts _hosts = new([.. options.Hosts, "localhost"]);

    /// <summary>Whether it was called by a Host that is its own. A name can be made to point here by whoever owns it; an address cannot.</summary>
    public bool IsOwnHost(HttpRequest request) =>
        RequestTarget.NormaliseAuthority(request.Headers.Host, request.Scheme) is { } authority
        && (IPAddress.TryParse(AuthorityText.WithoutPort(authority).Trim('[', ']'), out _) || _hosts.Serve(authority));

    public bool IsOpenTo(HttpRequest request) => !token.IsRequired || token.IsCarriedBy(request) || session.IsCarriedBy(request);
}
