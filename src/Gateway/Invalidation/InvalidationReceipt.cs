using System.Text.Json.Serialization;
using CacheGateway.Model;

namespace CacheGateway.Invalidation;

/// <summary>What an invalidation did; the wire form of <c>POST /api/v2/cache/invalidate</c>'s answer.</summary>
/// <param name="Id">Names this invalidation in logs and audits.</param>
/// <param name="Epoch">The epoch it was raised to.</param>
/// <param name="Durable">Whether it survives this process as far as the stored responses do.</param>
/// <param name="Applied">The nodes that report the epoch as applied.</param>
/// <param name="Missing">Live nodes that did not report it in time; <see cref="Unknown"/> = others, if there are any.</param>
internal sealed record InvalidationReceipt(string Id, long Epoch, bool Durable, IReadOnlyList<NodeEpoch> Applied, IReadOnlyList<string> Missing)
{
    /// <summary>Stands among the missing for nodes that this one has not heard of.</summary>
    public const string Unknown = "?";

    /// <summary>What was raised; null where nothing was (<see cref="IsRepeated"/>).</summary>
    [JsonIgnore]
    public InvalidationScope? Raised { get; init; }

    /// <summary>The same for who asked for it. It is made where it is read: every write that passes raises something, and most receipts nobody reads.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RaisedScope? Scope => Raised is { } raised ? RaisedScope.Of(raised) : null;

    /// <summary>How many replicas of Redis had it when this was said; null where Redis has none, or nobody waited.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Replicas { get; init; }

    /// <summary>Tags of an event's rule that its data did not fill in; null where there are none. What an event leaves out on purpose looks the same.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Unfilled { get; init; }

    /// <summary>What was named and can have hit nothing here, such as a policy that is none of this gateway's; null where there is nothing to say.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Warnings { get; init; }

    /// <summary>Nothing was raised: its cause was dealt with before.</summary>
    [JsonIgnore]
    public bool IsRepeated { get; init; }

    /// <summary>The same, where gateways with other rules for the event were not told of it, if there are any.</summary>
    public InvalidationReceipt Unheard() => Missing.Contains(Unknown) ? this : this with { Missing = [.. Missing, Unknown] };

    /// <summary>Everything that was asked for is done.</summary>
    [JsonIgnore]
    public bool IsComplete => Durable && Missing.Count == 0;
}

internal sealed record NodeEpoch(string Node, long Epoch);
