using BackendApi.Http;

namespace BackendApi.Booking;

/// <summary>Figures over all payments and appointments.</summary>
internal static class AnalyticsApi
{
    private const int BestClients = 20;

    public static void MapAnalytics(this IEndpointRouteBuilder booking)
    {
        booking.MapRead("/analytics/revenue", "booking.revenue", RevenueAsync);
        booking.MapRead("/analytics/clients", "booking.clients", ClientsAsync);
        booking.MapRead("/dashboard", "booking.dashboard", static async (IBookingReports reports, CancellationToken cancellation) =>
            Results.Ok(await reports.DashboardAsync(cancellation)));
        booking.MapRead("/business-intelligence", "booking.business", BusinessAsync);
        booking.MapRead("/programme-metrics", "booking.programmes", ProgrammesAsync);
    }

    private static async Task<IResult> RevenueAsync(IBookingReports reports, CancellationToken cancellation)
    {
        var revenue = await reports.RevenueAsync(cancellation);
        return Results.Ok(new { revenue.Version, Total = revenue.Items.Sum(month => month.Revenue), Months = revenue.Items });
    }

    private static async Task<IResult> ClientsAsync(IBookingReports reports, CancellationToken cancellation)
    {
        var clients = await reports.BestClientsAsync(BestClients, cancellation);
        return Results.Ok(new { clients.Version, Clients = clients.Items });
    }

    /// <summary>Which services earn the money, best first, with their share of all of it.</summary>
    private static async Task<IResult> BusinessAsync(IBookingReports reports, CancellationToken cancellation)
    {
        var services = await reports.ServiceRevenueAsync(cancellation);
        var total = services.Items.Sum(service => service.Revenue);
        return Results.Ok(new
        {
            services.Version,
            Total = total,
            Services = services.Items.OrderByDescending(service => service.Revenue)
                .Select(service => new
                {
                    service.ServiceId,
                    service.Revenue,
                    Share = Math.Round(service.Revenue / total, 4),
                    Average = Math.Round(service.Revenue / service.Payments, 2),
                }),
        });
    }

    /// <summary>How much each service is used, and how often by the same client.</summary>
    private static async Task<IResult> ProgrammesAsync(IBookingReports reports, CancellationToken cancellation)
    {
        var programmes = await reports.ServiceDemandAsync(cancellation);
        return Results.Ok(new
        {
            programmes.Version,
            Programmes = programmes.Items.Select(service => new
            {
                service.ServiceId,
                service.Appointments,
                service.Clients,
                PerClient = Math.Round((double)service.Appointments / service.Clients, 2),
            }),
        });
    }
}
