namespace CacheGateway.Dashboard.Components;

/// <summary>Addresses within the dashboard; what stands in them may be any text.</summary>
public static class Link
{
    public static string Policy(string name) => $"/policies/{Uri.EscapeDataString(name)}";

    public static string Purge(string kind, string name) => With("/purge", ("kind", kind), ("name", name));

    public static string Entries(string? policy = null, string? tag = null, string? prefix = null, int page = 1) =>
        With("/entries", ("policy", policy), ("tag", tag), ("prefix", prefix), ("page", page > 1 ? page.ToString(System.Globalization.CultureInfo.InvariantCulture) : null));

    /// <summary>A path with the values of its query that are not null.</summary>
    public static string With(string path, params ReadOnlySpan<(string Name, string? Value)> query)
    {
        var separator = '?';
        foreach (var (name, value) in query)
        {
            if (value is not null)
            {
                path += $"{separator}{name}={Uri.EscapeDataString(value)}";
                separator = '&';
            }
        }

        return path;
    }
}
