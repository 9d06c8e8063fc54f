using System.Globalization;
using CacheGateway.Invalidation.Redis;
using CacheGateway.Storage.Redis;
using StackExchange.Redis;

namespace CacheGateway.Invalidation.Events;

/// <summary>
/// The stream of backends' events and the deployment's places in it, as calls: one for each set of rules (<see cref="Policies.CachePolicyTable.EventRules"/>), because what says nothing to some gateways may
/// say something to others. They are kept with the fence: where they are lost, everything stored is dead, so that no event before them matters.
/// </summary>
internal sealed class EventStream(RedisGuard guard, FenceKeys keys, BusLimits limits, string name)
{
    private const int MostEntries = 100;

    /// <summary>
    /// Entries that stay in the stream when one is added here, about: as many as the documentation tells backends to keep, for what one adds must not take away what another left for who was away.
    /// Readers look four times a second; one who was away for longer invalidates everything.
    /// </summary>
    private const int MostKept = 100_000;

    /// <summary>Before every entry.</summary>
    private const string Start = "0-0";

    /// <summary>Why nobody knows whether anything went unread, though most likely nothing did.</summary>
    public const string Unsure = "the place lies behind its end";

    /// <summary>As in the scripts.</summary>
    private const long MadeUp = 1_000_000;

    /// <summary>How far before the others rules that are new begin: longer than it takes from a gateway's first fetch to its first look here. What was done there is not done again.</summary>
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(10);

    private int _most = MostEntries;

    /// <summary>Why Redis refuses to give the stream, in its words; null while it does not refuse. That it is away is told elsewhere.</summary>
    public string? Problem { get; private set; }

    /// <summary>Where gateways with these rules are, or null when Redis did not say.</summary>
    public async Task<EventPlace?> PlaceAsync(string rules)
    {
        var reply = await guard.ExecuteAsync("events-cursor", limits.CallTimeout, "HMGET", keys.State, Field(rules), "cursor");
        return !reply.IsOk ? null
            : Read(reply.Value, reply => (string?[]?)reply is [var own, var furthest] ? (string?[])[own, furthest] : null) switch
            {
                [{ } own, _] => new EventPlace(own, own, IsNew: false),
                [null, { } furthest] => new EventPlace(furthest, Earlier(furthest), IsNew: true),
                _ => null,
            };
    }

    /// <summary>The entries after <paramref name="cursor"/>, or null when Redis did not say.</summary>
    public async Task<IReadOnlyList<EventEntry>?> ReadAsync(string cursor)
    {
        if (!IsPlace(cursor))
        {
            return [];
        }

        var most = _most;
        var reply = await guard.ExecuteAsync("events-read", limits.CallTimeout, "XRANGE", (RedisKey)name, "(" + cursor, "+", "COUNT", most.ToString(CultureInfo.InvariantCulture));
        // Entries may be large, and a line narrow: whoever asked for as many again would ask in vain, and keep everything else on the line waiting.
        _most = reply.IsOk ? Math.Min(MostEntries, most * 2) : reply.Outcome == RedisOutcome.Timeout ? Math.Max(1, most / 2) : most;
        Problem = reply.Outcome == RedisOutcome.Refused ? reply.Error : Problem;
        return reply.IsOk ? Read(reply.Value, Entries) : null;
    }

    /// <summary>
    /// Why entries after <paramref name="cursor"/> may have gone unread, or null when none can have, and where to go on; nothing at all when Redis did not say. To be asked
    /// after reading: what is trimmed between the two is noticed then.
    /// </summary>
    public async Task<(string? Why, string Next)?> LossAsync(string cursor)
    {
        if (!IsPlace(cursor))
        {
            // Whoever wrote it there: nobody knows what was read.
            return ("the place in it is none", Start);
        }

        var reply = await guard.CallAsync("events-info", InfoAsync, limits.CallTimeout);
        Problem = reply.Outcome is RedisOutcome.Ok or RedisOutcome.Refused ? reply.Error : Problem;
        if (!reply.IsOk)
        {
            return null;
        }

        if (reply.Value is not [var info])
        {
            // What was in it, if it was there once, is missed when it begins anew.
            return (null, cursor);
        }

        if (Read(info, StreamFacts.Read) is not { } facts)
        {
            return null;
        }

        var place = StreamPlace.Parse(cursor);
        if (place > StreamPlace.Parse(facts.Last))
        {
            // A made-up place is mostly there because nothing was published lately. Where the clock it was made by was ahead, though, what comes after it has ids before it.
            return IsMadeUp(place) ? (Unsure, facts.Last) : ("the stream began anew", Start);
        }

        if ((place == default || IsMadeUp(place)) && facts.IsWhole)
        {
            // Nothing was ever taken out of it. A place that is an entry's must still be there: the stream may be another one.
            return (null, cursor);
        }

        if (facts.First is null)
        {
            return StreamPlace.Parse(facts.Last) > place ? ("it was trimmed to nothing", facts.Last) : (null, cursor);
        }

        if (StreamPlace.Parse(facts.First) <= place)
        {
            return (null, cursor);
        }

        var read = await guard.ExecuteAsync("events-read", limits.CallTimeout, "XRANGE", (RedisKey)name, cursor, cursor);
        return read.IsOk && Read(read.Value, Entries) is { } found ? (found.Length == 0 ? "it was trimmed" : null, cursor) : null;
    }

    /// <summary>Appends an event for all deployments and rules but those that it was dealt with by. False where Redis did not take it, or did not say so in time.</summary>
    public async Task<bool> AddAsync(string json, string rules) =>
        (await guard.ExecuteAsync("events-add", limits.CallTimeout, "XADD", (RedisKey)name, "MAXLEN", "~", MostKept, "*", "json", json, "by", By(rules))).IsOk;

    /// <summary>Whether a gateway of this deployment dealt with it by these rules before it came into the stream. Of another it cleared nothing here.</summary>
    public bool IsDealtWith(EventEntry entry, string rules) => entry.By == By(rules);

    private static bool IsPlace(string cursor) => cursor == Start || StreamPlace.Parse(cursor) != default;

    private static EventEntry[] Entries(RedisResult reply) => [.. ((RedisResult[])reply).Select(EventEntry.Read)];

    /// <summary>Null where the reply is one to another question: then nothing that comes on this connection can be trusted.</summary>
    private T? Read<T>(RedisResult reply, Func<RedisResult, T?> read)
        where T : class
    {
        var found = ReplyShape.TryRead(reply, read);
        if (found is null)
        {
            guard.OutOfStep();
        }

        return found;
    }

    /// <summary>A place that is no entry's: the minute before an incarnation began. Streams may well be younger.</summary>
    private static bool IsMadeUp(StreamPlace place) => place.Number == MadeUp;

    /// <summary>Nothing where there is no stream, which is how most deployments are.</summary>
    private async Task<RedisResult[]> InfoAsync(IDatabase database)
    {
        try
        {
            return [await database.RunAsync("XINFO", "STREAM", (RedisKey)name)];
        }
        catch (RedisServerException exception) when (exception.Message == "ERR no such key")
        {
            return [];
        }
    }

    private static string Earlier(string cursor) =>
        StreamPlace.Parse(cursor) is var place && !IsMadeUp(place) && place.Time > (long)Before.TotalMilliseconds
            ? string.Create(CultureInfo.InvariantCulture, $"{place.Time - (long)Before.TotalMilliseconds}-0")
            : cursor;

    private static string Field(string rules) => $"cursor:{rules}";

    private string By(string rules) => $"{keys.Deployment}/{rules}";

    /// <summary>Everything up to <paramref name="id"/> is dealt with. False when that could not be noted: it comes again.</summary>
    /// <param name="rules">By which it was.</param>
    /// <param name="incarnation">Under which it was; in another the place is another.</param>
    /// <param name="id">The last id.</param>
    /// <param name="back">Whether it may lie before the present place.</param>
    public async Task<bool> MoveAsync(string rules, long incarnation, string id, bool back)
    {
        var reply = await guard.EvaluateAsync(FenceScripts.Read, [keys.State], [Incarnation.Text(incarnation), id, back ? "1" : "", Field(rules)], limits.CallTimeout);
        return reply.IsOk && Read(reply.Value, static reply => (string?)reply) == "1";
    }
}

/// <summary>How far gateways with equal rules are in the events stream.</summary>
/// <param name="Cursor">Up to here everything was dealt with: by these rules, or by others before these were there.</param>
/// <param name="From">Where to read on.</param>
/// <param name="IsNew">Nobody has noted a place for these rules yet.</param>
internal sealed record EventPlace(string Cursor, string From, bool IsNew);
