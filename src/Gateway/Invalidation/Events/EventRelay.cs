namespace CacheGateway.Invalidation.Events;

/// <summary>
/// Passes what one gateway is told by a webhook or the admin API on to gateways with other rules, as all through a rolling deploy there are: by the stream, which each set of rules reads. It says who
/// has dealt with it already. Best effort: the sender has its answer by what this gateway's own rules say.
/// </summary>
/// <param name="scopes">Whose rules are this gateway's.</param>
/// <param name="stream">Null where gateways share nothing.</param>
internal sealed class EventRelay(EventScopes scopes, EventStream? stream = null)
{
    /// <summary>Before it is mapped here: rules that are loaded in between deal with it twice, and not never.</summary>
    /// <param name="json">The event, version 1 of <see cref="EventMessage"/>.</param>
    public Task PassOnAsync(string json) => stream?.AddAsync(json, scopes.Rules) ?? Task.CompletedTask;
}
