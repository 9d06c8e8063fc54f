using BackendApi.Data;
using BackendApi.Http;

namespace BackendApi.Booking;

/// <summary>Three views of the services; saving a service changes all of them.</summary>
internal static class ServicesApi
{
    public static void MapServices(this IEndpointRouteBuilder booking)
    {
        booking.MapRead("/services/catalogue", "booking.catalogue", CatalogueAsync);
        booking.MapRead("/settings", "booking.settings", SettingsAsync);
        booking.MapRead("/pricing", "booking.pricing", PricingAsync);
        booking.MapReplace<Service, ServiceInput>("/services", "booking.write", "service.updated");
    }

    private static async Task<IResult> CatalogueAsync(IRows<Service> services, CancellationToken cancellation)
    {
        var found = await services.ListAsync(RowQuery.Everything, cancellation);
        return Results.Ok(new { found.Version, found.Total, found.Items });
    }

    private static async Task<IResult> SettingsAsync(IRows<Service> services, CancellationToken cancellation)
    {
        var found = await services.ListAsync(RowQuery.Everything, cancellation);
        var active = found.Items.Where(service => service.Active).ToList();
        return Results.Ok(new
        {
            found.Version,
            Currency = "EUR",
            Slots.OpensAt,
            Slots.ClosesAt,
            SlotMinutes = Slots.Minutes,
            BookableServices = active.Count,
            ShortestMinutes = active.Min(service => (int?)service.DurationMinutes),
            LongestMinutes = active.Max(service => (int?)service.DurationMinutes),
        });
    }

    private static async Task<IResult> PricingAsync(IRows<Service> services, CancellationToken cancellation)
    {
        var found = await services.ListAsync(RowQuery.Everything, cancellation);
        return Results.Ok(new
        {
            found.Version,
            Currency = "EUR",
            Prices = found.Items.Select(service => new
            {
                ServiceId = service.Id,
                service.Price,
                PerHour = Math.Round(service.Price * 60 / service.DurationMinutes, 2),
            }),
        });
    }
}
