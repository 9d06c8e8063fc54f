using BackendApi.Data;

namespace BackendApi.Booking;

internal sealed record StaffMember : Row
{
    public const int SeedCount = 12;

    public string Name { get; init; } = "";

    /// <summary>The category of services that this one performs.</summary>
    public string Skill { get; init; } = "";

    public static Table<StaffMember> Table { get; } = new("booking_staff", static () => Seeds.Many(SeedCount, 51, static (seeds, number) =>
        new StaffMember { Name = seeds.PersonName(), Skill = Service.Categories[number % Service.Categories.Length] }));
}

internal sealed record Service : Row
{
    public const int SeedCount = 80;

    public static readonly string[] Categories = ["coaching", "fitness", "massage", "nutrition"];

    private static readonly int[] Durations = [30, 45, 60, 90];

    public string Name { get; init; } = "";

    /// <summary>Fixed: it decides who performs the service, and so its slots.</summary>
    public string Category { get; init; } = "";

    public int DurationMinutes { get; init; }

    public decimal Price { get; init; }

    public bool Active { get; init; }

    public static Table<Service> Table { get; } = new("booking_services", static () => Seeds.Many(SeedCount, 52, static (seeds, number) =>
    {
        var category = Categories[number % Categories.Length];
        return new Service
        {
            Name = $"{char.ToUpperInvariant(category[0])}{category[1..]} {number}",
            Category = category,
            DurationMinutes = seeds.Of(Durations),
            Price = seeds.Money(20, 180),
            Active = seeds.Between(1, 10) > 1,
        };
    }));
}

internal sealed record BookingUser : Row
{
    public const int SeedCount = 3000;

    public string Name { get; init; } = "";

    public string Email { get; init; } = "";

    public string Phone { get; init; } = "";

    public static Table<BookingUser> Table { get; } = new("booking_users", static () => Seeds.Many(SeedCount, 53, static (seeds, number) =>
    {
        var name = seeds.PersonName();
        return new BookingUser { Name = name, Email = Seeds.EmailOf(name, number), Phone = $"+49 30 {seeds.Between(1_000_000, 9_999_999)}" };
    }));
}

internal sealed record Appointment : Row
{
    private const int SeedDays = 730;
    private const int SeedPerDay = 12;
    private static readonly DateOnly SeedStart = new(2025, 7, 1);

    public int ServiceId { get; init; }

    public int StaffId { get; init; }

    public int UserId { get; init; }

    /// <summary>UTC.</summary>
    public DateTime StartsAt { get; init; }

    public static Table<Appointment> Table { get; } = new("booking_appointments", Seed)
    {
        References =
        [
            new(Service.Table.Name, appointment => appointment.ServiceId),
            new(StaffMember.Table.Name, appointment => appointment.StaffId),
            new(BookingUser.Table.Name, appointment => appointment.UserId),
        ],
        Unique = appointment => (appointment.StaffId, appointment.StartsAt),
    };

    private static IEnumerable<Appointment> Seed() => Seeds.Many(SeedDays * SeedPerDay, 54, static (seeds, number) =>
    {
        var day = SeedStart.AddDays((number - 1) / SeedPerDay);

        // 17 shares no divisor with the number of places in a day, so no place is drawn twice.
        var place = ((day.DayNumber * 37) + ((number - 1) % SeedPerDay * 17)) % (StaffMember.SeedCount * Slots.PerDay);
        return new Appointment
        {
            ServiceId = seeds.Between(1, Service.SeedCount),
            StaffId = (place / Slots.PerDay) + 1,
            UserId = seeds.Between(1, BookingUser.SeedCount),
            StartsAt = Slots.StartsOn(day).ElementAt(place % Slots.PerDay),
        };
    });
}

internal sealed record Payment : Row
{
    public int UserId { get; init; }

    public int ServiceId { get; init; }

    public decimal Amount { get; init; }

    public DateOnly PaidOn { get; init; }

    public static Table<Payment> Table { get; } = new("booking_payments", Seed)
    {
        References = [new(BookingUser.Table.Name, payment => payment.UserId), new(Service.Table.Name, payment => payment.ServiceId)],
    };

    private static IEnumerable<Payment> Seed() => Seeds.Many(9000, 55, static (seeds, _) => new Payment
    {
        UserId = seeds.Between(1, BookingUser.SeedCount),
        ServiceId = seeds.Between(1, Service.SeedCount),
        Amount = seeds.Money(20, 180),
        PaidOn = seeds.Day(new DateOnly(2025, 1, 1), 700),
    });
}
