using BackendApi.Data;
using BackendApi.Http;

namespace BackendApi.Booking;

internal static class BookingApi
{
    public static void AddBooking(this IServiceCollection services)
    {
        services.AddTable(StaffMember.Table);
        services.AddTable(Service.Table);
        services.AddTable(BookingUser.Table);
        services.AddTable(Appointment.Table);
        services.AddTable(Payment.Table);
    }

    public static void MapBooking(this IEndpointRouteBuilder routes)
    {
        var booking = routes.MapGroup("/booking/api/v2");
        booking.MapCalendar();
        booking.MapServices();
        booking.MapAnalytics();

        booking.MapRead("/users/{id:int}/profile", "booking.profile", ProfileAsync);
        booking.MapReplace<BookingUser, BookingUserInput>("/users", "booking.write", "user.updated");
        booking.MapCreate<Payment, PaymentInput>("/payments", "booking.write", "payment.created");
    }

    private static async Task<IResult> ProfileAsync(int id, IRows<BookingUser> users, CancellationToken cancellation) =>
        await users.FindAsync(id, cancellation) is { } user
            ? Results.Ok(new { user.Id, User = user.Name, user.Name, user.Email, user.Phone, user.Version })
            : Results.NotFound();
}
