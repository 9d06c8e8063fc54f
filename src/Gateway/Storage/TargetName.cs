namespace CacheGateway.Storage;

/// <summary>
/// A URL or prefix as an invalidation names it, split into what a <see cref="Model.ResourceId"/> holds. The scheme is dropped (a purge of one kills both),
/// the target is kept byte for byte, as a request forwards it.
/// </summary>
/// <param name="Authority">Lower-case host and non-default port; empty = every authority.</param>
/// <param name="Target">Starts with "/".</param>
internal readonly record struct TargetName(string Authority, string Target)
{
    /// <summary>False when <paramref name="text"/> is neither absolute nor starts with "/": it names nothing that can be stored.</summary>
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

        var defaultPort = ":80";
        if (rest.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            defaultPort = ":443";
        }
        else if (!rest.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            name = default;
            return false;
        }

        rest = rest[(rest.IndexOf("://") + 3)..];
        var end = rest.IndexOfAny('/', '?');
        var authority = end < 0 ? rest : rest[..end];
        var target = end < 0 ? "/" : rest[end] == '?' ? $"/{rest[end..]}" : rest[end..].ToString();
        authority = authority[(authority.LastIndexOf('@') + 1)..];
        if (authority.EndsWith(defaultPort, StringComparison.Ordinal))
        {
            authority = authority[..^defaultPort.Length];
        }

        name = new TargetName(authority.ToString().ToLowerInvariant(), target);
        return authority.Length > 0;
    }
}
