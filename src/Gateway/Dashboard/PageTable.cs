using CacheGateway.Dashboard.Pages;

namespace CacheGateway.Dashboard;

/// <summary>Every page with its address and component; also the order of the navigation.</summary>
internal static class PageTable
{
    public static readonly PageRoute[] Routes =
    [
        new("/", "Overview", typeof(OverviewPage)) { Group = "Watch", IsLive = true },
        new("/policies", "Policies", typeof(PoliciesPage)) { Group = "Watch", IsLive = true },
        new("/heatmap", "Heat map", typeof(HeatMapPage)) { Group = "Watch", IsLive = true, IsCostly = true },
        new("/top", "Top keys", typeof(TopPage)) { Group = "Watch", IsLive = true, IsCostly = true },
        new("/feed", "Live feed", typeof(FeedPage)) { Group = "Watch", IsLive = true },
        new("/explain", "Explain", typeof(ExplainPage)) { Group = "Act", IsCostly = true },
        new("/entries", "Entries", typeof(EntriesPage)) { Group = "Act", IsCostly = true },
        new("/tags", "Tags", typeof(TagsPage)) { Group = "Act", IsCostly = true },
        new("/purge", "Purge", typeof(PurgePage)) { Group = "Act", IsCostly = true },
        new("/warm", "Warm-up", typeof(WarmPage)) { Group = "Act", IsLive = true },
        new("/nodes", "Nodes", typeof(NodesPage)) { Group = "Run", IsLive = true },
        new("/audit", "Audit", typeof(AuditPage)) { Group = "Run" },
        new("/policies/{name}", "Policy", typeof(PolicyPage)) { Parent = "/policies", IsLive = true },
        new("/purge/{id}", "Purged", typeof(PurgedPage)) { Parent = "/purge" },
        new("/login", "Sign in", typeof(LoginPage)),
    ];

    public static PageRoute Of(string path) => Routes.First(route => route.Path == path);
}

/// <param name="Path">The route's pattern.</param>
/// <param name="Title">In the navigation and the window.</param>
/// <param name="Component">The Razor component that draws it.</param>
internal sealed record PageRoute(string Path, string Title, Type Component)
{
    /// <summary>Heading in the navigation; null = not in it.</summary>
    public string? Group { get; init; }

    /// <summary>The page in the navigation that it belongs to; null = stands for itself.</summary>
    public string? Parent { get; init; }

    /// <summary>Whether it can be followed as a stream; then it shows everybody the same for the same address (<see cref="LiveDrawings"/>).</summary>
    public bool IsLive { get; init; }

    /// <summary>Whether it takes as much work as what looks through all that is stored, and waits in line with it.</summary>
    public bool IsCostly { get; init; }
}
