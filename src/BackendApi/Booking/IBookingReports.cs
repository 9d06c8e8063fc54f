using BackendApi.Data;

namespace BackendApi.Booking;

/// <summary>Reads that are computed over many rows; each names the data it is computed from by its version.</summary>
internal interface IBookingReports
{
    /// <summary>From appointments, for the staff who perform the service (all without one), from a day up to, not including, another.</summary>
    Task<BookedPlaces> BookedAsync(DateOnly from, DateOnly to, int? serviceId, int? staffId, CancellationToken cancellation);

    /// <summary>From payments, by month.</summary>
    Task<Report<MonthRevenue>> RevenueAsync(CancellationToken cancellation);

    /// <summary>From payments: the clients who paid most.</summary>
    Task<Report<ClientSpending>> BestClientsAsync(int count, CancellationToken cancellation);

    /// <summary>From payments, by service.</summary>
    Task<Report<ServiceRevenue>> ServiceRevenueAsync(CancellationToken cancellation);

    /// <summary>From appointments, by service.</summary>
    Task<Report<ServiceDemand>> ServiceDemandAsync(CancellationToken cancellation);

    /// <summary>From payments and appointments.</summary>
    Task<Dashboard> DashboardAsync(CancellationToken cancellation);
}

internal sealed record MonthRevenue
{
    /// <summary>Such as 2026-03.</summary>
    public string Month { get; init; } = "";

    public int Payments { get; init; }

    public decimal Revenue { get; init; }
}

internal sealed record ClientSpending
{
    public int UserId { get; init; }

    public int Payments { get; init; }

    public decimal Spent { get; init; }
}

internal sealed record ServiceRevenue
{
    public int ServiceId { get; init; }

    public int Payments { get; init; }

    public decimal Revenue { get; init; }
}

internal sealed record ServiceDemand
{
    public int ServiceId { get; init; }

    public int Appointments { get; init; }

    public int Clients { get; init; }
}

internal sealed record Dashboard
{
    public long Version { get; init; }

    public int Payments { get; init; }

    public decimal Revenue { get; init; }

    public int PayingClients { get; init; }

    public int Appointments { get; init; }

    public int? BusiestStaffId { get; init; }
}
