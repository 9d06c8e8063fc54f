using CacheGateway.Http;

namespace CacheGateway.Storage;

/// <summary>
/// A URL or prefix as an invalidation names it, split into what a <see cref="Model.ResourceId"/> holds. The scheme is dropped (a purge of
/// one kills both),
/// the target is kept byte for byte, as a request forwards it.
/// </summary>
/// <param name="Authority">As <see cref="RequestTarget.NormaliseAuthority"/> gives it; empty = every authority.</param>
/// <param name="Target">Starts with "/".</param>
internal readonly record struct TargetName(string Authority, string Target)
{
    /// <summary>
    /// False when <paramref name="text"/> is neither an absolute http or https URL nor starts with "/": it names nothing that can be
    /// stored.
    /// </summary>
    public static bool TryParse(string text, out TargetName name)
    {
        ArgumentNullException.ThrowIfNull(text);
        var fragment = text.IndexOf('#', StringComparison.Ordinal);
        var rest = fragment < 0 ? text.AsSpan() : text.AsSpan(0, fragment);
        if (rest.StartsWith("/"))
        {
            name = new TargetName("", rest.ToString());
            return true;
        }

        var scheme = rest.IndexOf("://");
        var schemeName = scheme < 0 ? "" : rest[..scheme].ToString().ToLowerInvariant();
        if (schemeName is not ("http" or "https"))
        {
            name = default;
            return false;
        }

        rest = rest[(scheme + 3)..];
        var end = rest.IndexOfAny('/', '?');
        var authority = end < 0 ? rest : rest[..end];
        var target = end < 0 ? "/" : rest[end] == '?' ? $"/{rest[end..]}" : rest[end..].ToString();
        var normal = RequestTarget.NormaliseAuthority(authority.ToString(), schemeName);
        name = new TargetName(normal ?? "", target);
        return normal is not null;
    }
}
