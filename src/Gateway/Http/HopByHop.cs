using System.Collections.Frozen;
using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>Fields that concern one connection or one hop only (RFC 9110 7.6.1, RFC 9111 3.1): never stored, never forwarded as they came.</summary>
public static class HopByHop
{
    private static readonly FrozenSet<string> Names = new[]
    {
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Authorization", "Proxy-Connection", "TE",
        "Trailer", "Transfer-Encoding", "Upgrade",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static bool Is(string name) => Names.Contains(name);

    /// <summary>The end-to-end fields: without the names above and without those that Connection nominates.</summary>
    public static HeaderField[] Strip(IEnumerable<HeaderField> fields)
    {
        var all = fields as HeaderField[] ?? [.. fields];
        HashSet<string>? nominated = null;
        foreach (var field in all)
        {
            if (field.Is("Connection"))
            {
                nominated ??= new HashSet<string>(StringComparer.OrdinalIgnoreCase);
                nominated.UnionWith(field.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
            }
        }

        return Array.FindAll(all, field => !Is(field.Name) && nominated?.Contains(field.Name) != true);
    }
}
