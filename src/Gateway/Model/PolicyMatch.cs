namespace CacheGateway.Model;

/// <summary>Which requests a policy takes; every condition that is given must hold.</summary>
public sealed record PolicyMatch
{
    public static readonly PolicyMatch Everything = new();

    /// <summary>
    /// Template on the raw path as forwarded: literals, <c>{name}</c> for one segment, <c>{name:int}</c> for one of digits,
    /// <c>{*name}</c> for the rest. Null = every path.
    /// </summary>
    public PathTemplate? Path { get; init; }

    /// <summary>Methods whose responses may be stored under this policy; GET covers HEAD.</summary>
    public IReadOnlyList<string> Methods { get; init; } = ["GET"];

    /// <summary>Hosts (normalised authority; a leading "*." takes every subdomain); empty = all.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Query parameters that must be present; a null value takes any.</summary>
    public IReadOnlyDictionary<string, string?> Query { get; init; } = new Dictionary<string, string?>();

    /// <summary>Request headers that must be present; a null value takes any.</summary>
    public IReadOnlyDictionary<string, string?> Headers { get; init; } = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
}
