namespace CacheGateway.Model;

/// <summary>
/// What a policy tells clients. When <paramref name="MaxAge"/> is set, each answer carries <c>max-age = MaxAge + Age</c> beside an honest
/// <c>Age</c>, so that a client keeps it for MaxAge seconds however long it lay here.
/// </summary>
/// <param name="Directives">All directives but max-age, ready to send ("public, must-revalidate"); may be empty.</param>
/// <param name="MaxAge">Seconds, or null when the policy sets none.</param>
public sealed record ClientCacheControl(string Directives, long? MaxAge);
