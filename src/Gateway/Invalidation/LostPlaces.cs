using CacheGateway.Model;
using CacheGateway.Policies;

namespace CacheGateway.Invalidation;

/// <summary>
/// Where policies were since the start and are not any more, and which of them to clear as the file changes. A place is a path and a host of a policy with its tags: there its responses are found, and by these they are
/// cleared. A write need not meet conditions on the query or on headers, so it clears what was stored under others too. Immutable.
/// </summary>
internal sealed class LostPlaces
{
    public static readonly LostPlaces None = new([], isFull: false);

    /// <summary>Beyond these nobody remembers which they were.</summary>
    private const int MostKept = 10_000;

    private readonly HashSet<Place> _lost;
    private readonly bool _isFull;

    private LostPlaces(HashSet<Place> lost, bool isFull)
    {
        _lost = lost;
        _isFull = isFull;
    }

    /// <summary>
    /// The policies to clear, each once, and what is lost after the change: those that lost a place; those that got one after they had lost one, under the same tags, for that may be the same again, or hold it as a broader
    /// path does; and those that were not there at all, which others may have had while this process did not live, and of which it holds nothing itself. What was never lost holds nothing that a write has missed.
    /// </summary>
    public (string[] Names, LostPlaces After) Change(CachePolicyTable before, CachePolicyTable after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        var (old, now) = (Places(before), Places(after));
        Place[] gone = [.. old.Where(place => !Holds(now, place))];
        var owners = _lost.Select(place => (place.Name, place.Tags)).ToHashSet();
        var known = before.Policies.Select(policy => policy.Name).ToHashSet(StringComparer.Ordinal);
        var back = now.Where(place => !Holds(old, place) && (_isFull || !known.Contains(place.Name) || owners.Contains((place.Name, place.Tags))));
        string[] names = [.. gone.Concat(back).Select(place => place.Name).Distinct(StringComparer.Ordinal)];
        HashSet<Place> lost = [.. _lost.Concat(gone).Where(place => !Holds(now, place))];
        return (names, _isFull || lost.Count > MostKept ? new LostPlaces([], isFull: true) : new LostPlaces(lost, isFull: false));
    }

    private static HashSet<Place> Places(CachePolicyTable table) =>
        [.. table.Policies.SelectMany(policy => policy.Match.Hosts.DefaultIfEmpty(Place.EveryHost).Select(host => new Place(policy.Name, policy.Match.Path?.Text, host, Tags(policy))))];

    private static string Tags(CachePolicy policy) => string.Join('\n', policy.Tags.Select(tag => $"{tag.BodyPath} {tag.Text}").Order(StringComparer.Ordinal));

    private static bool Holds(HashSet<Place> places, Place place) => places.Contains(place) || places.Contains(place with { Host = Place.EveryHost });

    private readonly record struct Place(string Name, string? Path, string Host, string Tags)
    {
        /// <summary>No name of a host.</summary>
        public const string EveryHost = "";
    }
}
