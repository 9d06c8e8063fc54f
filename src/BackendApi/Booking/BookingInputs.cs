using System.ComponentModel.DataAnnotations;
using BackendApi.Http;

namespace BackendApi.Booking;

internal sealed record AppointmentInput : IInput<Appointment>
{
    [Required]
    public int? ServiceId { get; init; }

    [Required]
    public int? StaffId { get; init; }

    [Required]
    public int? UserId { get; init; }

    /// <summary>With its offset; a whole or half hour within the opening hours.</summary>
    [Required, SlotStart]
    public DateTimeOffset? StartsAt { get; init; }

    public Appointment ApplyTo(Appointment row) => row with
    {
        ServiceId = ServiceId ?? row.ServiceId,
        StaffId = StaffId ?? row.StaffId,
        UserId = UserId ?? row.UserId,
        StartsAt = StartsAt?.UtcDateTime ?? row.StartsAt,
    };
}

internal sealed record PaymentInput : IInput<Payment>
{
    [Required]
    public int? UserId { get; init; }

    [Required]
    public int? ServiceId { get; init; }

    [Required, Range(0.01, 1_000_000.0)]
    public decimal? Amount { get; init; }

    [Required]
    public DateOnly? PaidOn { get; init; }

    public Payment ApplyTo(Payment row) => row with
    {
        UserId = UserId ?? row.UserId,
        ServiceId = ServiceId ?? row.ServiceId,
        Amount = Amount ?? row.Amount,
        PaidOn = PaidOn ?? row.PaidOn,
    };
}

internal sealed record BookingUserInput : IInput<BookingUser>
{
    [Required, StringLength(100, MinimumLength = 1)]
    public string? Name { get; init; }

    [Required, EmailAddress, StringLength(200)]
    public string? Email { get; init; }

    [Required, StringLength(40)]
    public string? Phone { get; init; }

    public BookingUser ApplyTo(BookingUser row) => row with { Name = Name ?? row.Name, Email = Email ?? row.Email, Phone = Phone ?? row.Phone };
}

internal sealed record ServiceInput : IInput<Service>
{
    [Required, StringLength(100, MinimumLength = 1)]
    public string? Name { get; init; }

    [Required, Range(5, 480)]
    public int? DurationMinutes { get; init; }

    [Required, Range(0.0, 1_000_000.0)]
    public decimal? Price { get; init; }

    [Required]
    public bool? Active { get; init; }

    public Service ApplyTo(Service row) => row with
    {
        Name = Name ?? row.Name,
        DurationMinutes = DurationMinutes ?? row.DurationMinutes,
        Price = Price ?? row.Price,
        Active = Active ?? row.Active,
    };
}
