namespace CacheGateway.Admin;

/// <summary>Who may be on the admin listener: whoever carries the token or a session, or anybody where there is none. Asked again of those who stay.</summary>
internal sealed class AdminAccess(AdminToken token, AdminSession session)
{
    public bool IsOpenTo(HttpRequest request) => !token.IsRequired || token.IsCarriedBy(request) || session.IsCarriedBy(request);
}
