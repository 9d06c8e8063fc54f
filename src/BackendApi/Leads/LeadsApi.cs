using System.Security.Cryptography;
using System.Text.Json;
using BackendApi.Data;
using BackendApi.Http;

namespace BackendApi.Leads;

internal static class LeadsApi
{
    public static void AddLeads(this IServiceCollection services)
    {
        services.AddTable(LeadCategory.Table);
        services.AddTable(LeadSetting.Table);
        services.AddTable(LeadAgent.Table);
        services.AddTable(LeadPermission.Table);
        services.AddTable(Lead.Table);
    }

    public static void MapLeads(this IEndpointRouteBuilder routes)
    {
        routes.MapRead("/api/leads/", "leads.list", ListAsync);
        routes.MapItem<Lead>("/api/leads", "leads.item");
        routes.MapWrites<Lead, LeadInput>("/api/leads", "leads.write", "lead");
        routes.MapRead("/api/leads/summary", "leads.summary", SummaryAsync);
        routes.MapRead("/api/leads/categories", "leads.categories", CategoriesAsync);
        routes.MapRead("/api/leads/mine", "leads.mine", MineAsync);
        routes.MapRead("/api/static/config", "leads.config", ConfigAsync);
        routes.MapRead("/api/auth/permissions", "leads.permissions", PermissionsAsync);
    }

    private static async Task<IResult> ListAsync(HttpRequest request, IRows<Lead> leads, CancellationToken cancellation)
    {
        var query = new QueryReader(request);
        var wanted = query.Page()
            .Where("status", query.Text("status"))
            .Where("category_id", query.Integer("category"))
            .Where("name", query.Text("search"), Match.Contains);
        return query.Problem ?? Results.Ok(await leads.ListAsync(wanted, cancellation));
    }

    private static async Task<IResult> SummaryAsync(ILeadReports reports, CancellationToken cancellation)
    {
        var summary = await reports.SummaryAsync(cancellation);
        return Results.Ok(new { summary.Version, Leads = summary.Items.Sum(status => status.Leads), ByStatus = summary.Items });
    }

    /// <summary>The one endpoint whose documentation promises an ETag and caching by the client.</summary>
    private static async Task<IResult> CategoriesAsync(HttpContext context, IRows<LeadCategory> categories, CancellationToken cancellation)
    {
        var found = await categories.ListAsync(RowQuery.Everything, cancellation);
        var body = JsonSerializer.SerializeToUtf8Bytes(new { found.Version, found.Total, found.Items }, JsonSerializerOptions.Web);
        context.Response.Headers.CacheControl = "public, max-age=1800";

        // Results.Bytes answers If-None-Match with 304.
        return Results.Bytes(body, "application/json; charset=utf-8", entityTag: new($"\"{Convert.ToHexStringLower(SHA256.HashData(body))[..32]}\""));
    }

    /// <summary>The asking user's own leads.</summary>
    private static async Task<IResult> MineAsync(HttpContext context, IRows<Lead> leads, CancellationToken cancellation)
    {
        if (Identity.UserOf(context.Request) is not { } user)
        {
            return Identity.Unauthorized(context.Response);
        }

        var query = new QueryReader(context.Request);
        var wanted = query.Page().Where("owner", user);
        if (query.Problem is { } problem)
        {
            return problem;
        }

        var mine = await leads.ListAsync(wanted, cancellation);
        return Results.Ok(new { User = user, mine.Version, mine.Total, mine.Page, mine.PerPage, mine.Items });
    }

    private static async Task<IResult> ConfigAsync(IRows<LeadSetting> settings, CancellationToken cancellation)
    {
        var found = await settings.ListAsync(RowQuery.Everything, cancellation);
        return Results.Ok(new { found.Version, Settings = found.Items.ToDictionary(setting => setting.Name, setting => setting.Value) });
    }

    private static async Task<IResult> PermissionsAsync(
        HttpContext context, IRows<LeadAgent> agents, IRows<LeadPermission> permissions, CancellationToken cancellation)
    {
        if (Identity.UserOf(context.Request) is not { } user)
        {
            return Identity.Unauthorized(context.Response);
        }

        var agent = await agents.ListAsync(RowQuery.Everything.Where("name", user), cancellation);
        var role = agent.Items is [var found, ..] ? found.Role : LeadAgent.GuestRole;
        var allowed = await permissions.ListAsync(RowQuery.Everything.Where("role", role), cancellation);
        return Results.Ok(new
        {
            User = user,
            Version = Math.Max(agent.Version, allowed.Version),
            Role = role,
            Permissions = allowed.Items.Select(permission => permission.Permission),
        });
    }
}
