namespace CacheGateway.Cli.PolicyFiles;

/// <summary>What the gateway would do with a request and its response; the JSON that <c>policy explain</c> prints.</summary>
internal sealed record TrialOutcome
{
    /// <summary>It would be stored.</summary>
    public const string Store = "store";

    /// <summary>It would be looked up, and no answer of the origin stored.</summary>
    public const string NotStored = "not-stored";

    /// <summary>It would go to the origin without a look into the cache.</summary>
    public const string Pass = "pass";

    /// <summary>It would be forwarded, and clear what <see cref="Clears"/> names.</summary>
    public const string Write = "write";

    /// <summary>The gateway would answer 400 or 405 itself.</summary>
    public const string Refused = "refused";

    /// <summary>It would be looked up; what is stored depends on a response that was not given.</summary>
    public const string LookUp = "look-up";

    public required string Decision { get; init; }

    /// <summary>Of the closed list of reasons, or why it is refused (<see cref="Pipeline.RequestGuard"/>); null where there is nothing to explain.</summary>
    public string? Reason { get; init; }

    public string? Policy { get; init; }

    /// <summary>The template of the policy's path that matched.</summary>
    public string? Path { get; init; }

    /// <summary>The policy that would take the request if its path were spelt otherwise, and what it takes; null where one takes it, or none is near.</summary>
    public string? Near { get; init; }

    /// <summary>The policy that takes the path, and which of its other conditions does not hold; null where one takes the request, or none the path.</summary>
    public string? Unmet { get; init; }

    /// <summary>What is forwarded and keyed: the target without the parameters that do not count.</summary>
    public string? Target { get; init; }

    /// <summary>The parts of the key by name, credentials hashed.</summary>
    public IReadOnlyDictionary<string, string> Key { get; init; } = new Dictionary<string, string>();

    /// <summary>Request fields that select among variants.</summary>
    public IReadOnlyList<string> Vary { get; init; } = [];

    /// <summary>Seconds; what the jitter may take off is not taken off.</summary>
    public double? Ttl { get; init; }

    /// <summary>Where the lifetime comes from.</summary>
    public string? TtlFrom { get; init; }

    /// <summary>Seconds.</summary>
    public double? StaleWhileRevalidate { get; init; }

    /// <summary>Seconds.</summary>
    public double? StaleIfError { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Tags raised by a write, with what they raise in turn.</summary>
    public IReadOnlyList<string> Clears { get; init; } = [];

    /// <summary>The policies whose responses a write concerns.</summary>
    public IReadOnlyList<string> Concerns { get; init; } = [];

    /// <summary>URLs raised by a write.</summary>
    public IReadOnlyList<string> ClearedUrls { get; init; } = [];

    /// <summary>The whole key, to tell whether two requests share one.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string? KeyText { get; init; }
}
