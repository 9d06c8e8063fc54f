namespace CacheGateway.FunctionalTests.Documentation;

/// <summary>Group G of docs/attacks.md.</summary>
internal static class SharedTierAttacks
{
    public static AttackRow[] Rows { get; } =
    [
        new("G01", "Values put in by another", "A valid entry under another key, or a forged one", "The whole key is compared; with a signing key forgeries are misses"),
        new("G02", "Flipped bits and cut values", "Damage of any kind", "A miss, counted and taken out; never an error, never a wrong body"),
        new("G04", "Commands and keys in a target", "Line ends or pattern characters in a path", "Names in Redis are short and plain; values travel by length"),
        new("G05", "Programs in a tag", "Text that ends a script", "Scripts are constant; outside text is an argument"),
        new("G06", "More rights than are needed", "A stolen password that may do everything", "Works with the few commands on few keys that docs/redis.md lists"),
        new("G08", "Values that claim to be huge", "Lengths and counts beyond what is there", "Checked against what is there before anything is allocated"),
        new("G09", "Types named in a value", "A reader that makes objects of what a value names", "The reader is written by hand and knows one type"),
        new("G10", "Entries of another version", "Old and new gateways on one Redis", "An unknown version is a miss and left alone"),
    ];
}
