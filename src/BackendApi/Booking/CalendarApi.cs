using BackendApi.Http;

namespace BackendApi.Booking;

/// <summary>What is free. A new appointment takes its slot.</summary>
internal static class CalendarApi
{
    public static void MapCalendar(this IEndpointRouteBuilder booking)
    {
        booking.MapRead("/appointments/slots", "booking.slots", SlotsAsync);
        booking.MapRead("/availability/weekly", "booking.availability", WeekAsync);
        booking.MapCreate<Appointment, AppointmentInput>("/appointments", "booking.write", "appointment.created");
    }

    private static async Task<IResult> SlotsAsync(HttpRequest request, IBookingReports reports, TimeProvider time, CancellationToken cancellation)
    {
        var query = new QueryReader(request);
        var (date, service, staff) = (query.Date("date") ?? Today(time), query.Integer("serviceId"), query.Integer("staffId"));
        if (query.Problem is { } problem)
        {
            return problem;
        }

        var booked = await reports.BookedAsync(date, date.AddDays(1), service, staff, cancellation);
        return Results.Ok(new { booked.Version, Date = date, ServiceId = service, StaffId = staff, Slots = Slots.FreeOn(date, booked) });
    }

    /// <summary>Free slots for each day of the week of a date, Monday first.</summary>
    private static async Task<IResult> WeekAsync(HttpRequest request, IBookingReports reports, TimeProvider time, CancellationToken cancellation)
    {
        var query = new QueryReader(request);
        var (date, staff) = (query.Date("date") ?? Today(time), query.Integer("staffId"));
        if (query.Problem is { } problem)
        {
            return problem;
        }

        var monday = Slots.MondayOf(date);
        var booked = await reports.BookedAsync(monday, monday.AddDays(7), null, staff, cancellation);
        var days = Enumerable.Range(0, 7).Select(monday.AddDays).Select(day => new { Date = day, Free = Slots.FreeOn(day, booked).Count() });
        return Results.Ok(new { booked.Version, From = monday, StaffId = staff, Days = days });
    }

    private static DateOnly Today(TimeProvider time) => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
}
