using CacheGateway.Admin;
using CacheGateway.Dashboard.Assets;
using CacheGateway.Dashboard.Forms;

namespace CacheGateway.Dashboard;

/// <summary>
/// The dashboard on the admin listener, behind its guard: pages made anew for each request, forms that end in a redirect, the same pages as
/// streams of server-sent events, and a few files.
/// </summary>
internal static class DashboardEndpoints
{
    private static readonly string[] Read = [HttpMethods.Get, HttpMethods.Head];

    public static void MapDashboard(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").ExcludeFromDescription();
        foreach (var route in PageTable.Routes)
        {
            var page = group.MapMethods(route.Path, Read, (HttpContext context, PageRenderer pages) => pages.SendAsync(context, route));
            if (route.IsCostly)
            {
                page.WithMetadata(CostlyMark.Here);
            }

            if (route.IsLive)
            {
                group.MapGet("/live" + route.Path, (HttpContext context, LiveStream live) => live.SendAsync(context, route));
            }
        }

        group.MapPost("/purge", (HttpContext context, PurgePost purge) => purge.HandleAsync(context));
        group.MapPost("/explain", (HttpContext context, ExplainPost explain) => explain.HandleAsync(context)).WithMetadata(CostlyMark.Here);
        group.MapPost("/warm", (HttpContext context, WarmPost warm) => warm.StartAsync(context));
        group.MapPost("/warm/{id}/cancel", (HttpContext context, string id, WarmPost warm) => warm.CancelAsync(context, id));
        group.MapPost("/login", (HttpContext context, LoginPost login) => login.HandleAsync(context));
        group.MapPost("/logout", (HttpContext context, LoginPost login) => login.LeaveAsync(context));
        group.MapMethods(AssetFiles.Pattern, Read, (HttpContext context, AssetFiles files) => files.SendAsync(context));
    }
}
