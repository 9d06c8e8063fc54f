using System.ComponentModel.DataAnnotations;

namespace BackendApi.Booking;

/// <summary>The places of a day: every half hour from nine to five, UTC, once per staff member.</summary>
internal static class Slots
{
    public const int PerDay = 16;
    public const int Minutes = 30;

    public static readonly TimeOnly OpensAt = new(9, 0);
    public static readonly TimeOnly ClosesAt = OpensAt.AddMinutes(PerDay * Minutes);

    public static IEnumerable<DateTime> StartsOn(DateOnly day) =>
        Enumerable.Range(0, PerDay).Select(place => day.ToDateTime(OpensAt.AddMinutes(place * Minutes), DateTimeKind.Utc));

    public static IEnumerable<Slot> FreeOn(DateOnly day, BookedPlaces booked) =>
        from start in StartsOn(day)
        from staff in booked.StaffIds
        let slot = new Slot(staff, start)
        where !booked.Taken.Contains(slot)
        select slot;

    public static bool IsStart(DateTime start) => StartsOn(DateOnly.FromDateTime(start)).Contains(start);

    public static DateOnly MondayOf(DateOnly day) => day.AddDays(-(((int)day.DayOfWeek + 6) % 7));
}

internal readonly record struct Slot(int StaffId, DateTime StartsAt);

/// <summary>Who works, and which places are gone.</summary>
internal sealed record BookedPlaces(long Version, IReadOnlyList<int> StaffIds, IReadOnlySet<Slot> Taken);

[AttributeUsage(AttributeTargets.Property)]
internal sealed class SlotStartAttribute() : ValidationAttribute("{0} must be a whole or half hour from 09:00 to 16:30 UTC.")
{
    public override bool IsValid(object? value) => value is null || (value is DateTimeOffset start && Slots.IsStart(start.UtcDateTime));
}
