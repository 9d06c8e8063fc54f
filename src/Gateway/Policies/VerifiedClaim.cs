namespace CacheGateway.Policies;

/// <summary>A claim of a token that was verified.</summary>
/// <param name="Value">As JSON: the string "7" and the number 7 are not the same user.</param>
/// <param name="ExpiresAt">When the token ends. What was fetched with it must not be fresh for longer.</param>
public sealed record VerifiedClaim(string Value, DateTimeOffset ExpiresAt);
