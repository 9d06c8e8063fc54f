namespace CacheGateway.Invalidation.Events;

/// <summary>
/// Passes what one gateway is told by a webhook or the admin API on to gateways with other rules, as all through a rolling deploy there are: by the stream, which each set of rules reads. It says who
/// has dealt with it already. Best effort: the sender has its answer by what this gateway's own rules say.
/// </summary>
/// <param name="stream">Null where gateways share nothing.</param>
internal sealed class EventRelay(EventStream? stream = null)
{
    /// <param name="json">The event, version 1 of <see cref="EventMessage"/>.</param>
    /// <param name="rules">By which it is dealt with here, whatever is loaded meanwhile: gateways that have the same leave it to this one.</param>
    public Task PassOnAsync(string json, string rules) => stream?.AddAsync(json, rules) ?? Task.CompletedTask;
}
