namespace CacheGateway.FunctionalTests.Documentation;

/// <summary>One row of the catalogue of attacks, in our own words.</summary>
/// <param name="Id">The group's letter and a number; numbers are never given twice, and some are not given.</param>
/// <param name="Name">As the tests' attributes repeat it.</param>
/// <param name="How">What the attacker does and hopes for.</param>
/// <param name="Answer">What the gateway does instead.</param>
internal sealed record AttackRow(string Id, string Name, string How, string Answer)
{
    public static IReadOnlyList<(char Letter, string Title, AttackRow[] Rows)> Groups { get; } =
    [
        ('A', "Keys and poisoning", KeyAttacks.Rows),
        ('B', "Errors that are served to everybody", ErrorAttacks.Rows),
        ('C', "Private data", PrivacyAttacks.Rows),
        ('D', "Framing and splitting", FramingAttacks.Rows),
        ('E', "Exhaustion", ExhaustionAttacks.Rows),
        ('F', "Invalidation, admin, webhooks", InvalidationAttacks.Rows),
        ('G', "The shared tier", SharedTierAttacks.Rows),
        ('H', "Leaks", LeakAttacks.Rows),
    ];
}
