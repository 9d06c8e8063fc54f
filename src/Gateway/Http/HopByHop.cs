using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>Fields that belong to one connection and are neither stored nor merged (RFC 9110 7.6.1, RFC 9111 3.1).</summary>
public static class HopByHop
{
    public static bool Is(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length switch
        {
            2 => Same(name, "TE"),
            7 => Same(name, "Trailer") || Same(name, "Upgrade"),
            10 => Same(name, "Connection") || Same(name, "Keep-Alive"),
            16 => Same(name, "Proxy-Connection"),
            17 => Same(name, "Transfer-Encoding"),
            18 => Same(name, "Proxy-Authenticate"),
            19 => Same(name, "Proxy-Authorization"),
            25 => Same(name, "Proxy-Authentication-Info"),
            _ => false,
        };
    }

    /// <summary>The fields without these, and without those that <c>Connection</c> nominates.</summary>
    public static HeaderField[] Strip(IEnumerable<HeaderField> fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        var all = fields as HeaderField[] ?? [.. fields];
        HashSet<string>? nominated = null;
        foreach (var field in all)
        {
            if (field.Is("Connection"))
            {
                nominated ??= new(StringComparer.OrdinalIgnoreCase);
                nominated.UnionWith(field.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
            }
        }

        return HeaderField.Without(all, nominated, static (field, nominated) => Is(field.Name) || nominated?.Contains(field.Name) == true);
    }

    private static bool Same(string name, string other) => string.Equals(name, other, StringComparison.OrdinalIgnoreCase);
}
