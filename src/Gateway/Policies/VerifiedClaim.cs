namespace CacheGateway.Policies;

/// <summary>A claim of a token that was verified.</summary>
/// <param name="Value">As JSON: the string "7" and the number 7 are not the same user.</param>
/// <param name="Issuer">Whose claim it is: two issuers may give one name to two users.</param>
/// <param name="Audience">Whom the token is for.</param>
/// <param name="ExpiresAt">When the token ends. What was fetched with it must not be fresh for longer.</param>
public sealed record VerifiedClaim(string Value, string Issuer, string Audience, DateTimeOffset ExpiresAt);
