using System.Globalization;
using BackendApi.Data;
using BackendApi.Data.Memory;

namespace BackendApi.Booking;

internal sealed class MemoryBookingReports(MemorySession session) : IBookingReports
{
    public Task<BookedPlaces> BookedAsync(DateOnly from, DateOnly to, int? serviceId, int? staffId, CancellationToken cancellation) =>
        session.ReadAsync(snapshot =>
        {
            var services = snapshot.Rows<Service>(Service.Table.Name);
            var skill = serviceId is { } id ? services.GetValueOrDefault(id)?.Category ?? "" : null;
            var staff = snapshot.Rows<StaffMember>(StaffMember.Table.Name).Values
                .Where(member => (staffId ?? member.Id) == member.Id && (skill ?? member.Skill) == member.Skill)
                .Select(member => member.Id);
            var taken = Appointments(snapshot)
                .Where(appointment => DateOnly.FromDateTime(appointment.StartsAt) >= from && DateOnly.FromDateTime(appointment.StartsAt) < to)
                .Select(appointment => new Slot(appointment.StaffId, appointment.StartsAt));
            return new BookedPlaces(snapshot.VersionOf(Appointment.Table.Name), [.. staff], taken.ToHashSet());
        });

    public Task<Report<MonthRevenue>> RevenueAsync(CancellationToken cancellation) => PaymentsBy(
        static payment => payment.PaidOn.ToString("yyyy-MM", CultureInfo.InvariantCulture),
        static months => months.OrderBy(month => month.Key, StringComparer.Ordinal)
            .Select(month => new MonthRevenue { Month = month.Key, Payments = month.Count(), Revenue = month.Sum(payment => payment.Amount) }));

    public Task<Report<ClientSpending>> BestClientsAsync(int count, CancellationToken cancellation) => PaymentsBy(
        static payment => payment.UserId,
        clients => clients
            .Select(client => new ClientSpending { UserId = client.Key, Payments = client.Count(), Spent = client.Sum(payment => payment.Amount) })
            .OrderByDescending(client => client.Spent).ThenBy(client => client.UserId).Take(count));

    public Task<Report<ServiceRevenue>> ServiceRevenueAsync(CancellationToken cancellation) => PaymentsBy(
        static payment => payment.ServiceId,
        static services => services.OrderBy(service => service.Key)
            .Select(service => new ServiceRevenue
            {
                ServiceId = service.Key,
                Payments = service.Count(),
                Revenue = service.Sum(payment => payment.Amount),
            }));

    public Task<Report<ServiceDemand>> ServiceDemandAsync(CancellationToken cancellation) => session.ReadAsync(static snapshot =>
        new Report<ServiceDemand>(
            snapshot.VersionOf(Appointment.Table.Name),
            [.. Appointments(snapshot).GroupBy(appointment => appointment.ServiceId).OrderBy(service => service.Key)
                .Select(service => new ServiceDemand
                {
                    ServiceId = service.Key,
                    Appointments = service.Count(),
                    Clients = service.DistinctBy(appointment => appointment.UserId).Count(),
                })]));

    public Task<Dashboard> DashboardAsync(CancellationToken cancellation) => session.ReadAsync(static snapshot =>
    {
        var payments = Payments(snapshot).ToList();
        var byStaff = Appointments(snapshot).CountBy(appointment => appointment.StaffId).ToList();
        return new Dashboard
        {
            Version = snapshot.VersionOf(Payment.Table.Name, Appointment.Table.Name),
            Payments = payments.Count,
            Revenue = payments.Sum(payment => payment.Amount),
            PayingClients = payments.DistinctBy(payment => payment.UserId).Count(),
            Appointments = byStaff.Sum(staff => staff.Value),
            BusiestStaffId = byStaff.OrderByDescending(staff => staff.Value).ThenBy(staff => staff.Key)
                .Select(staff => (int?)staff.Key).FirstOrDefault(),
        };
    });

    private Task<Report<T>> PaymentsBy<TKey, T>(Func<Payment, TKey> key, Func<IEnumerable<IGrouping<TKey, Payment>>, IEnumerable<T>> report) =>
        session.ReadAsync(snapshot => new Report<T>(snapshot.VersionOf(Payment.Table.Name), [.. report(Payments(snapshot).GroupBy(key))]));

    private static IEnumerable<Payment> Payments(Snapshot snapshot) => snapshot.Rows<Payment>(Payment.Table.Name).Values;

    private static IEnumerable<Appointment> Appointments(Snapshot snapshot) => snapshot.Rows<Appointment>(Appointment.Table.Name).Values;
}
