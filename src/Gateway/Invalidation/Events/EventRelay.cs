namespace CacheGateway.Invalidation.Events;

/// <summary>
/// Passes what one gateway is told by a webhook or the admin API on to gateways with other rules, as all through a rolling deploy there are: by the stream, which each set of rules reads. It says who
/// has dealt with it already. The sender has its answer by what this gateway's own rules say, and is told where the others did not get it.
/// </summary>
/// <param name="stream">Null where gateways share nothing.</param>
internal sealed class EventRelay(EventStream? stream = null)
{
    /// <summary>Whether the others will read it. Where not, whoever sent it is told that it may not be done everywhere (<see cref="InvalidationReceipt.Unheard"/>).</summary>
    /// <param name="json">The event, version 1 of <see cref="EventMessage"/>.</param>
    /// <param name="rules">By which it is dealt with here, whatever is loaded meanwhile: gateways that have the same leave it to this one.</param>
    public async Task<bool> PassOnAsync(string json, string rules) => stream is null || await stream.AddAsync(json, rules);
}
