using BackendApi.Data;
using BackendApi.Data.Postgres;

namespace BackendApi.Booking;

internal sealed class PostgresBookingReports(PostgresSession session) : IBookingReports
{
    public Task<BookedPlaces> BookedAsync(DateOnly from, DateOnly to, int? serviceId, int? staffId, CancellationToken cancellation)
    {
        var start = from.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
        var end = to.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
        return session.SnapshotAsync(async queries =>
        {
            var version = await queries.VersionOfAsync(Appointment.Table.Name);
            var staff = await queries.ListAsync<int>("""
                SELECT staff.id FROM booking_staff staff
                WHERE (@staffId IS NULL OR staff.id = @staffId)
                  AND (@serviceId IS NULL OR EXISTS (SELECT FROM booking_services WHERE id = @serviceId AND category = staff.skill))
                ORDER BY staff.id
                """, new { staffId, serviceId });
            var taken = await queries.ListAsync<Appointment>("""
                SELECT * FROM booking_appointments WHERE starts_at >= @start AND starts_at < @end AND staff_id = ANY(@staff)
                """, new { start, end, staff = staff.ToArray() });
            return new BookedPlaces(version, staff, taken.Select(appointment => new Slot(appointment.StaffId, appointment.StartsAt)).ToHashSet());
        }, cancellation);
    }

    public Task<Report<MonthRevenue>> RevenueAsync(CancellationToken cancellation) => ReportAsync<MonthRevenue>(Payment.Table.Name, """
        SELECT to_char(paid_on, 'YYYY-MM') AS month, count(*)::int AS payments, sum(amount) AS revenue
        FROM booking_payments GROUP BY month ORDER BY month
        """, null, cancellation);

    public Task<Report<ClientSpending>> BestClientsAsync(int count, CancellationToken cancellation) =>
        ReportAsync<ClientSpending>(Payment.Table.Name, """
            SELECT user_id, count(*)::int AS payments, sum(amount) AS spent
            FROM booking_payments GROUP BY user_id ORDER BY spent DESC, user_id LIMIT @count
            """, new { count }, cancellation);

    public Task<Report<ServiceRevenue>> ServiceRevenueAsync(CancellationToken cancellation) => ReportAsync<ServiceRevenue>(Payment.Table.Name, """
        SELECT service_id, count(*)::int AS payments, sum(amount) AS revenue
        FROM booking_payments GROUP BY service_id ORDER BY service_id
        """, null, cancellation);

    public Task<Report<ServiceDemand>> ServiceDemandAsync(CancellationToken cancellation) => ReportAsync<ServiceDemand>(Appointment.Table.Name, """
        SELECT service_id, count(*)::int AS appointments, count(DISTINCT user_id)::int AS clients
        FROM booking_appointments GROUP BY service_id ORDER BY service_id
        """, null, cancellation);

    public Task<Dashboard> DashboardAsync(CancellationToken cancellation) => session.SnapshotAsync(async queries =>
    {
        var version = await queries.VersionOfAsync(Payment.Table.Name, Appointment.Table.Name);
        var payments = await queries.SingleAsync<Dashboard>("""
            SELECT count(*)::int AS payments, coalesce(sum(amount), 0) AS revenue, count(DISTINCT user_id)::int AS paying_clients
            FROM booking_payments
            """);
        var appointments = await queries.SingleAsync<int>("SELECT count(*)::int FROM booking_appointments");
        var busiest = await queries.FirstOrDefaultAsync<int?>("""
            SELECT staff_id FROM booking_appointments GROUP BY staff_id ORDER BY count(*) DESC, staff_id LIMIT 1
            """);
        return payments with { Version = version, Appointments = appointments, BusiestStaffId = busiest };
    }, cancellation);

    private Task<Report<T>> ReportAsync<T>(string source, string sql, object? parameters, CancellationToken cancellation) => session.SnapshotAsync(
        async queries => new Report<T>(await queries.VersionOfAsync(source), await queries.ListAsync<T>(sql, parameters)),
        cancellation);
}
