using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>The header section of a stored response after a 304 confirmed it (RFC 9111 3.2, 4.3.4).</summary>
public static class NotModifiedMerge
{
    /// <summary>
    /// All lines of a name that the 304 carries replace all stored lines of that name. Left alone: hop-by-hop fields, Content-Length (3.2),
    /// and those that describe the stored bytes themselves, which 3.2 lets a cache omit: a digest that comes with a 304 or a HEAD is of no content (RFC 9530 2). A stored Date does not outlive a 304 without one:
    /// the age would count from the first fetch. The 304's Age stays in, for the freshness sum; storing drops it.
    /// </summary>
    public static HeaderField[] Apply(HeaderField[] stored, HeaderField[] fresh304)
    {
        ArgumentNullException.ThrowIfNull(stored);
        var fresh = Array.FindAll(HopByHop.Strip(fresh304), field => !DescribesBody(field));
        var replaced = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "Date", "Age" };
        foreach (var field in fresh)
        {
            replaced.Add(field.Name);
        }

        return [.. Array.FindAll(stored, field => !replaced.Contains(field.Name)), .. fresh];
    }

    private static bool DescribesBody(HeaderField field) =>
        field.Is("Content-Length") || field.Is("Content-Encoding") || field.Is("Content-Range") || field.Is("Content-Digest") || field.Is("Content-MD5");
}
