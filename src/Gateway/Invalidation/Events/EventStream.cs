using CacheGateway.Invalidation.Redis;
using CacheGateway.Storage.Redis;
using StackExchange.Redis;

namespace CacheGateway.Invalidation.Events;

/// <summary>
/// The stream of backends' events and the deployment's place in it, as calls. The place is kept with the fence: where it is lost, everything
/// stored is dead, so that no event before it matters.
/// </summary>
internal sealed class EventStream(RedisGuard guard, FenceKeys keys, BusLimits limits, string name)
{
    private const string MostEntries = "100";

    /// <summary>As in the scripts.</summary>
    private const long MadeUp = 1_000_000;

    public async Task<string?> CursorAsync()
    {
        var reply = await guard.ExecuteAsync("events-cursor", limits.CallTimeout, "HGET", keys.State, "cursor");
        return reply.IsOk ? (string?)reply.Value : null;
    }

    /// <summary>The entries after <paramref name="cursor"/>, or null when Redis gave none.</summary>
    public async Task<IReadOnlyList<EventEntry>?> ReadAsync(string cursor)
    {
        var reply = await guard.CallAsync(
            "events-read", database => database.ExecuteAsync("XRANGE", (RedisKey)name, "(" + cursor, "+", "COUNT", MostEntries), limits.CallTimeout);
        return reply.IsOk ? [.. ((RedisResult[])reply.Value).Select(EventEntry.Read)] : null;
    }

    /// <summary>
    /// Why entries after <paramref name="cursor"/> may have gone unread, or null when none can have, and where to go on; nothing at all when Redis did not say. To be asked
    /// after reading: what is trimmed between the two is noticed then.
    /// </summary>
    public async Task<(string? Why, string Next)?> LossAsync(string cursor)
    {
        var reply = await guard.CallAsync("events-info", database => database.ExecuteAsync("XINFO", "STREAM", (RedisKey)name), limits.CallTimeout);
        if (!reply.IsOk)
        {
            return null;
        }

        var facts = (RedisResult[])reply.Value;
        RedisResult? Fact(string fact)
        {
            for (var i = 0; i + 1 < facts.Length; i += 2)
            {
                if ((string)facts[i] == fact && !facts[i + 1].IsNull)
                {
                    return facts[i + 1];
                }
            }

            return null;
        }

        var place = StreamPlace.Parse(cursor);
        var last = (string?)Fact("last-generated-id");
        if (place > StreamPlace.Parse(last) && !IsMadeUp(place))
        {
            return ("the stream began anew", "0-0");
        }

        if ((place == default || IsMadeUp(place)) && (string?)Fact("entries-added") == (string?)Fact("length"))
        {
            // Nothing was ever taken out of it. A place that is an entry's must still be there: the stream may be another one.
            return (null, cursor);
        }

        if (Fact("first-entry") is not { } first)
        {
            return StreamPlace.Parse(last) > place ? ("it was trimmed to nothing", last!) : (null, cursor);
        }

        if (StreamPlace.Parse((string)((RedisResult[])first)[0]) <= place)
        {
            return (null, cursor);
        }

        var read = await guard.CallAsync(
            "events-read", database => database.ExecuteAsync("XRANGE", (RedisKey)name, cursor, cursor), limits.CallTimeout);
        return read.IsOk ? (((RedisResult[])read.Value).Length == 0 ? "it was trimmed" : null, cursor) : null;
    }

    /// <summary>A place that is no entry's: the minute before an incarnation began. Streams may well be younger.</summary>
    private static bool IsMadeUp(StreamPlace place) => place.Number == MadeUp;

    /// <summary>Everything up to <paramref name="id"/> is dealt with.</summary>
    /// <param name="incarnation">Under which it was; in another the place is another.</param>
    /// <param name="id">The last id.</param>
    /// <param name="back">Whether it may lie before the present place.</param>
    public Task MoveAsync(long incarnation, string id, bool back) => guard.EvaluateAsync(
        FenceScripts.Read, [keys.State], [Incarnation.Text(incarnation), id, back ? "1" : ""], limits.CallTimeout);
}
