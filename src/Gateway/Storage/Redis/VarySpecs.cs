namespace CacheGateway.Storage.Redis;

/// <summary>
/// The vary specs this node has seen, so that most reads take one round trip. Bounded by its slots: a newcomer takes the place of whatever
/// was in its own. A wrong or forgotten spec costs a second round trip, never a wrong answer.
/// </summary>
internal sealed class VarySpecs
{
    private const int Slots = 8192;
    private readonly Known?[] _known = new Known?[Slots];

    public string[] Find(string key) =>
        Volatile.Read(ref _known[SlotOf(key)]) is { } known && known.Key == key ? known.Specs : VarySpec.Guess;

    public void Remember(string key, string[] specs) => Volatile.Write(ref _known[SlotOf(key)], new Known(key, specs));

    private static int SlotOf(string key) => key.GetHashCode(StringComparison.Ordinal) & (Slots - 1);

    private sealed record Known(string Key, string[] Specs);
}
