namespace CacheGateway.Policies.Tags;

/// <summary>What an event raises.</summary>
/// <param name="Known">Whether a rule names the event.</param>
/// <param name="Tags">The tags, before cascading.</param>
/// <param name="Unfilled">Templates of the rule that the event's data could not fill: the sender left something out.</param>
internal sealed record EventTags(bool Known, IReadOnlyList<string> Tags, IReadOnlyList<string> Unfilled)
{
    public static readonly EventTags Unknown = new(false, [], []);
}
