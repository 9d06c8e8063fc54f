namespace CacheGateway.Cli.Demo.Systems;

internal static class LeadsSystem
{
    private const int Known = 15;

    private static readonly string[] Users = ["alice", "bob", "carol", "dave", "agent-1", "nobody"];

    public static DemoSystem Create() => new("leads", 6,
    [
        new("leads.list", 30, null, [.. ReadsOf.Pages("/api/leads/", 3, ["", "status=new", "category=3", "search=an"], "leads")]),
        new("leads.item", 14, null, [.. ReadsOf.Items("/api/leads/{id}/", Known, "lead:{id}")]),
        new("leads.summary", 10, null, [ReadsOf.One("/api/leads/summary", "leads")]),
        new("leads.categories", 10, null, [ReadsOf.One("/api/leads/categories")]),
        new("leads.mine", 16, null, [.. Users.Select(user => Own("/api/leads/mine", user, "leads"))]),
        new("leads.config", 8, null, [ReadsOf.One("/api/static/config")]),
        new("leads.permissions", 12, null, [.. Users.Select(user => Own("/api/auth/permissions", user))]),
    ],
    [
        DemoWriteKind.EverySeconds(7, dice =>
        {
            var id = dice.Between(1, Known);
            return new DemoWrite(HttpMethod.Put, $"/api/leads/{id}/", Body(dice), "leads", $"lead:{id}");
        }),
    ]);

    /// <summary>The same address for everybody, another answer for each.</summary>
    private static DemoRead Own(string path, string user, params string[] scopes) =>
        new(path) { User = user, Scopes = scopes, Echo = [("user", user)] };

    private static object Body(Dice dice) => new
    {
        name = $"Lead {dice.Between(1, 9999)}",
        email = "lead@example.org",
        categoryId = dice.Between(1, 12),
        status = dice.Of(["new", "contacted", "won"]),
        owner = dice.Of(Users),
        value = dice.Between(100, 50_000),
    };
}
