namespace CacheGateway.Invalidation.Events;

/// <summary>
/// Passes what one gateway is told by a webhook or the admin API on to gateways with other rules, as all through a rolling deploy there are: by the stream, which each set of rules reads. It says who
/// has dealt with it already. The sender has its answer by what this gateway's own rules say, and is told where the others did not get it.
/// </summary>
/// <param name="time">How long it is remembered what was passed on: a day.</param>
/// <param name="stream">Null where gateways share nothing.</param>
internal sealed class EventRelay(TimeProvider time, EventStream? stream = null)
{
    private readonly OnceMemory _passed = new(time);

    /// <summary>Whether the others will read it. Where not, whoever sent it is told that it may not be done everywhere (<see cref="InvalidationReceipt.Unheard"/>).</summary>
    /// <param name="json">The event, version 1 of <see cref="EventMessage"/>.</param>
    /// <param name="rules">By which it is dealt with here, whatever is loaded meanwhile: gateways that have the same leave it to this one.</param>
    /// <param name="once">Names the message: what was passed on by these rules is not passed on again, however often it comes. Null = each time.</param>
    public async Task<bool> PassOnAsync(string json, string rules, string? once)
    {
        if (stream is null)
        {
            return true;
        }

        var name = $"{rules}:{once}";
        if (once is not null && _passed.Knows(name))
        {
            return true;
        }

        var isTaken = await stream.AddAsync(json, rules);
        if (isTaken && once is not null)
        {
            _passed.TryAdd(name);
        }

        return isTaken;
    }
}
