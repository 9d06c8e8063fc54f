using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>
/// Updates stored fields by those of a 304 or HEAD (RFC 9111 3.2): each name in the new response takes the place of all its stored lines, but for
/// the fields that describe the stored body itself or concern one hop.
/// </summary>
public static class NotModifiedMerge
{
    public static HeaderField[] Apply(HeaderField[] stored, HeaderField[] fresh)
    {
        ArgumentNullException.ThrowIfNull(stored);
        var updates = Array.FindAll(HopByHop.Strip(fresh), field => !IsKept(field.Name));
        var kept = Array.FindAll(stored, field => !Array.Exists(updates, update => update.Is(field.Name)));
        return [.. kept, .. updates];
    }

    /// <summary>RFC 9111 3.2 names Content-Length and lets implementations keep what they processed: here what the body's bytes depend on.</summary>
    private static bool IsKept(string name) =>
        Is(name, "Content-Length") || Is(name, "Content-Encoding") || Is(name, "Content-Range") || Is(name, "Content-Type") || Is(name, "Content-MD5")
        || Is(name, "Age") || Is(name, "Vary") || Is(name, "Via") || Is(name, "Cache-Status") || Is(name, "Set-Cookie") || Is(name, "Set-Cookie2");

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
