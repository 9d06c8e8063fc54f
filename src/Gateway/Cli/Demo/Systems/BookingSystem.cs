using System.Globalization;

namespace CacheGateway.Cli.Demo.Systems;

/// <summary>The calendar, the services and the profiles; the reports have readers of their own (<see cref="ReportsSystem"/>).</summary>
internal static class BookingSystem
{
    /// <summary>Whose profiles are read.</summary>
    private const int Read = 60;

    /// <summary>
    /// Whose profiles are changed, read or not. Most of the writes go here: each changes one profile and nothing else, so that the share
    /// of writes is reached without emptying the lists all the time.
    /// </summary>
    private const int Users = 120;

    private const int Days = 4;

    /// <summary>After the seed's last appointment, and long enough that two runs on one database seldom want the same slot.</summary>
    private static readonly DateOnly BookFrom = new(2028, 1, 1);

    public static DemoSystem Create(DateOnly today) => new("booking", 6,
    [
        new("booking.slots", 16, 85, [.. Enumerable.Range(0, Days).SelectMany(day => SlotsOn(today.AddDays(day)))]),
        new("booking.availability", 8, 85, [.. Enumerable.Range(0, 2).SelectMany(week => WeekOf(today.AddDays(week * 7)))]),
        new("booking.catalogue", 10, 25, [ReadsOf.One("/booking/api/v2/services/catalogue", "services")]),
        new("booking.settings", 8, 25, [ReadsOf.One("/booking/api/v2/settings", "services")]),
        new("booking.pricing", 8, 25, [ReadsOf.One("/booking/api/v2/pricing", "services")]),
        new("booking.profile", 50, 70, [.. ReadsOf.Items("/booking/api/v2/users/{id}/profile", Read, "booking-user:{id}")]),
    ],
    [
        DemoWriteKind.EverySeconds(12, Book),
        DemoWriteKind.EverySeconds(10, dice => Service(dice.Between(1, 80), dice)),
        new(null, dice => User(dice.Between(1, Users), dice)),
    ]);

    private static IEnumerable<DemoRead> SlotsOn(DateOnly day)
    {
        var date = day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var all = ReadsOf.One($"/booking/api/v2/appointments/slots?date={date}", "appointments") with { Echo = [("date", date)] };
        yield return all;
        foreach (var name in new[] { "serviceId", "staffId" })
        {
            yield return all with { Path = $"{all.Path}&{name}=3", Echo = [.. all.Echo, (name, "3")] };
        }
    }

    private static IEnumerable<DemoRead> WeekOf(DateOnly day)
    {
        var date = day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        yield return ReadsOf.One($"/booking/api/v2/availability/weekly?date={date}", "appointments");
        yield return ReadsOf.One($"/booking/api/v2/availability/weekly?date={date}&staffId=5", "appointments") with { Echo = [("staffId", "5")] };
    }

    private static DemoWrite Book(Dice dice)
    {
        var start = BookFrom.AddDays(dice.Between(0, 20_000)).ToDateTime(new TimeOnly(dice.Between(9, 16), dice.Of([0, 30])), DateTimeKind.Utc);
        var body = new { serviceId = dice.Between(1, 80), staffId = dice.Between(1, 12), userId = dice.Between(1, 3000), startsAt = start };
        return new DemoWrite(HttpMethod.Post, "/booking/api/v2/appointments", body, "appointments");
    }

    private static DemoWrite Service(int id, Dice dice)
    {
        var body = new { name = $"Service {id}", durationMinutes = dice.Of([30, 45, 60, 90]), price = dice.Between(20, 180), active = true };
        return new DemoWrite(HttpMethod.Put, $"/booking/api/v2/services/{id}", body, "services");
    }

    private static DemoWrite User(int id, Dice dice)
    {
        var body = new { name = $"Person {dice.Between(1, 9999)}", email = "person@example.org", phone = "+49 30 1234567" };
        return new DemoWrite(HttpMethod.Put, $"/booking/api/v2/users/{id}", body, $"booking-user:{id}");
    }
}
