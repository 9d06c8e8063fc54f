namespace CacheGateway.Interleavings;

/// <summary>
/// The choices of one schedule, as numbers: drawn from a seed and written down, or taken from a list, so that any schedule runs again. A list
/// that is shortened or lowered is another schedule, and a simpler one: 0 always is the plainest choice.
/// </summary>
internal sealed class Choices
{
    private readonly Random? _random;
    private readonly IReadOnlyList<int>? _given;
    private readonly int _most;

    private Choices(Random? random, IReadOnlyList<int>? given, int most) => (_random, _given, _most) = (random, given, most);

    /// <summary>What was chosen so far.</summary>
    public List<int> Made { get; } = [];

    /// <summary>Whether none are left: from there on everything goes the plainest way to its end.</summary>
    public bool AreSpent => Made.Count >= _most;

    public static Choices FromSeed(ulong seed, int most) => new(new Random(unchecked((int)(seed ^ (seed >> 32)))), null, most);

    public static Choices FromList(IReadOnlyList<int> given) => new(null, given, given.Count);

    /// <summary>A number below <paramref name="options"/>.</summary>
    public int Next(int options)
    {
        if (options <= 1)
        {
            return 0;
        }

        var choice = AreSpent ? 0 : _random?.Next(options) ?? _given![Made.Count] % options;
        Made.Add(choice);
        return choice;
    }
}
