using BackendApi.Data;

namespace BackendApi.Leads;

/// <summary>What a lead can be about. Nothing writes here.</summary>
internal sealed record LeadCategory : Row
{
    public static readonly string[] Names =
    [
        "Advertising", "Automation", "Consulting", "Education", "Energy", "Finance",
        "Health", "Logistics", "Manufacturing", "Property", "Retail", "Travel",
    ];

    public string Name { get; init; } = "";

    public static Table<LeadCategory> Table { get; } = new("leads_categories", () => Names.Select(name => new LeadCategory { Name = name }));
}

/// <summary>One setting of the leads application. Nothing writes here.</summary>
internal sealed record LeadSetting : Row
{
    public string Name { get; init; } = "";

    public string Value { get; init; } = "";

    public static Table<LeadSetting> Table { get; } = new("leads_settings", static () =>
    [
        new() { Name = "currency", Value = "EUR" },
        new() { Name = "defaultOwner", Value = "alice" },
        new() { Name = "maxAttachmentBytes", Value = "10485760" },
        new() { Name = "statuses", Value = string.Join(',', Lead.Statuses) },
        new() { Name = "supportAddress", Value = "support@example.org" },
        new() { Name = "timeZone", Value = "Europe/Berlin" },
    ]);
}

/// <summary>Somebody who works on leads.</summary>
internal sealed record LeadAgent : Row
{
    /// <summary>What an identity that is no agent may do.</summary>
    public const string GuestRole = "guest";

    public static readonly string[] Names = ["alice", "bob", "carol", "dave", .. Enumerable.Range(1, 96).Select(number => $"agent-{number}")];

    private static readonly string[] Roles = ["admin", "editor", "viewer"];

    public string Name { get; init; } = "";

    public string Role { get; init; } = "";

    public static Table<LeadAgent> Table { get; } =
        new("leads_agents", static () => Names.Select((name, index) => new LeadAgent { Name = name, Role = Roles[index % Roles.Length] }));
}

/// <summary>One thing that a role may do.</summary>
internal sealed record LeadPermission : Row
{
    public string Role { get; init; } = "";

    public string Permission { get; init; } = "";

    public static Table<LeadPermission> Table { get; } = new("leads_permissions", static () =>
    [
        .. Of("admin", "leads.view", "leads.add", "leads.change", "leads.delete", "settings.change"),
        .. Of("editor", "leads.view", "leads.add", "leads.change"),
        .. Of("viewer", "leads.view"),
        .. Of(LeadAgent.GuestRole, "leads.categories"),
    ]);

    private static IEnumerable<LeadPermission> Of(string role, params string[] permissions) =>
        permissions.Select(permission => new LeadPermission { Role = role, Permission = permission });
}
