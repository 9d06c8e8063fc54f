using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using CacheGateway.Diagnostics;
using CacheGateway.Model;
using StackExchange.Redis;

namespace CacheGateway.Storage.Redis;

/// <summary>
/// Reads variants of one key in one round trip, and turns what lies in Redis into stored responses: each is compared with the full key,
/// joined with exactly the body it names, and put on this node's own clock. What is damaged is counted and taken out, in the background.
/// <para>
/// Two ways to ask: the fields alone, and the script, which costs Redis several times as much and says which key the answer is about and what time it
/// is. Fields alone do where the time is known anyway and every variant that came names the key that was asked for; whatever else comes is asked for by the script.
/// </para>
/// </summary>
internal sealed class EntryReader(
    IRedisCalls redis, StoredResponseCodec codec, Incarnation incarnation, RedisClock clock, BodyNames bodies, GatewayMetrics metrics, TimeProvider time)
{
    /// <summary>With less left, nothing is asked a second time.</summary>
    public static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// By how many milliseconds something may have been received after Redis' present time: whoever wrote it may have taken that to be a second later than it was, and so may this node.
    /// What is further ahead was written before Redis' clock was set back, and would be received now, whenever it is read.
    /// </summary>
    private const long MostAhead = 2000;

    /// <summary>What is asked where nothing is known, and most responses are.</summary>
    private static readonly RedisValue[] PlainFields = Fields([VariantName.Plain]);

    public async Task<RedisEntry> ReadAsync(string entry, CacheKey key, string[] variants, TimeSpan timeLimit)
    {
        var fields = variants is [var only] && only == VariantName.Plain ? PlainFields : Fields(variants);
        var started = time.GetTimestamp();
        if (!redis.HasOneClock || clock.SurelyAt(Instant.MonotonicNow(time)) is null)
        {
            return await AskByScriptAsync(entry, key, variants, fields, timeLimit);
        }

        var reply = await redis.FieldsAsync(TierScripts.Read.Name, entry, fields, timeLimit);
        var now = Instant.MonotonicNow(time);
        if (reply is { IsOk: true, Value: { } values } && values.Length == fields.Length && clock.At(now) is { } redisNow)
        {
            var reading = Read(key, variants, values, new Clocks(now, redisNow));
            if (reading.Flaws is null)
            {
                return Counted(reading);
            }
        }
        else if (!reply.IsOk && !IsNoHash(reply))
        {
            metrics.SharedRead("failed");
            return RedisEntry.Absent;
        }

        // Damage, or the answer to another question: the script tells which.
        var left = timeLimit - time.GetElapsedTime(started);
        if (left >= LeastWait)
        {
            return await AskByScriptAsync(entry, key, variants, fields, left);
        }

        metrics.SharedRead("failed");
        return RedisEntry.Absent;
    }

    private static RedisValue[] Fields(string[] variants)
    {
        var fields = new RedisValue[1 + (2 * variants.Length)];
        fields[0] = "v";
        for (var i = 0; i < variants.Length; i++)
        {
            fields[1 + (2 * i)] = "h:" + variants[i];
            fields[2 + (2 * i)] = "b:" + variants[i];
        }

        return fields;
    }

    private static bool IsNoHash(RedisReply<RedisValue[]> reply) => reply.Error?.StartsWith("WRONGTYPE", StringComparison.Ordinal) == true;

    private async Task<RedisEntry> AskByScriptAsync(string entry, CacheKey key, string[] variants, RedisValue[] fields, TimeSpan timeLimit)
    {
        var sent = Instant.MonotonicNow(time);
        var reply = await redis.EvaluateAsync(TierScripts.Read, [entry], fields, timeLimit);
        if (!reply.IsOk)
        {
            metrics.SharedRead("failed");
            return RedisEntry.Absent;
        }

        if (!TimedAnswer.TryRead(reply.Value, entry, out var redisNow, out var values))
        {
            redis.OutOfStep();
            metrics.SharedRead("failed");
            return RedisEntry.Absent;
        }

        clock.Observe(redisNow, sent, Instant.MonotonicNow(time));
        if (TimedAnswer.TryValues(values, fields.Length) is not { } found)
        {
            TakeOut(entry, new Flaw("type", "", ""));
            return RedisEntry.Absent;
        }

        // Redis' time is of some moment after the question was sent, however long this process stood still after the answer: too old by a round trip, never too young.
        var reading = Read(key, variants, found, new Clocks(sent, redisNow));
        foreach (var flaw in reading.Flaws ?? [])
        {
            TakeOut(entry, flaw);
        }

        return Counted(reading);
    }

    private RedisEntry Counted(Reading reading)
    {
        foreach (var unfit in reading.Unfit ?? [])
        {
            metrics.SharedRead(unfit);
        }

        if (reading.Entry.Specs is not null || reading.Flaws is null)
        {
            metrics.SharedRead(reading.Entry.Responses.Length > 0 ? "hit" : "miss");
        }

        return reading.Entry;
    }

    private Reading Read(CacheKey key, string[] variants, RedisValue[] found, Clocks clocks)
    {
        var reading = new Reading { Entry = RedisEntry.Absent };
        if ((byte[]?)found[0] is not { } spec)
        {
            return reading;
        }

        if (VarySpec.Parse(Encoding.UTF8.GetString(spec)) is not { } specs)
        {
            reading.Add(new Flaw("spec", "", Sha1(spec, [])));
            return reading;
        }

        StoredResponse[] responses = [];
        for (var i = 0; i < variants.Length; i++)
        {
            if ((byte[]?)found[1 + (2 * i)] is { } head && Variant(ref reading, key, variants[i], head, (byte[]?)found[2 + (2 * i)], clocks) is { } response)
            {
                responses = [.. responses, response];
            }
        }

        reading.Entry = new RedisEntry(specs, responses);
        return reading;
    }

    private StoredResponse? Variant(ref Reading reading, CacheKey key, string name, byte[] head, byte[]? body, Clocks clocks)
    {
        var outcome = codec.Decode(head, key, out var read);
        if (outcome == HeadReading.Unknown)
        {
            reading.Add("unknown-version");
            return null;
        }

        if (read is null || VariantName.Of(read.Response.Vary) != name || read.ReceivedAt > clocks.Redis + MostAhead || BodyCodec.Decode(body, read.Body) is not { } segments)
        {
            reading.Add(new Flaw("variant", name, Sha1(head, body)));
            return null;
        }

        if (read.Incarnation != incarnation.Current() || !incarnation.Admits(read.Response.Epoch))
        {
            reading.Add("dead");
            return null;
        }

        // Time passed by Redis' clock alone; one that stepped back a little makes it zero, never negative.
        var passed = Math.Max(0, clocks.Redis - read.ReceivedAt);
        var response = read.Response.With(segments, read.Response.Freshness with { ReceivedAt = clocks.Monotonic - passed });
        bodies.Remember(segments, read.Body);
        return response;
    }

    private void TakeOut(string entry, Flaw flaw)
    {
        metrics.SharedCorrupt();
        // Nobody waits for it, and it takes out only what is still the same.
        _ = redis.EvaluateAsync(TierScripts.Drop, [entry], [flaw.What, flaw.Name, flaw.Was], redis.Limits.WriteTimeout);
    }

    [SuppressMessage("Security", "CA5350", Justification = "Redis scripts can make no other hash; it tells whether a value is still the same.")]
    private static string Sha1(byte[] first, byte[]? second)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(first);
        hash.AppendData(second ?? []);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>What came, what of it is damaged, and what is whole but of no use here; nothing is done about it yet.</summary>
    private struct Reading
    {
        public required RedisEntry Entry { get; set; }

        public List<Flaw>? Flaws { get; private set; }

        public List<string>? Unfit { get; private set; }

        public void Add(Flaw flaw) => (Flaws ??= []).Add(flaw);

        public void Add(string unfit) => (Unfit ??= []).Add(unfit);
    }

    /// <summary>As the drop script takes it.</summary>
    private sealed record Flaw(string What, string Name, string Was);

    private readonly record struct Clocks(long Monotonic, long Redis);
}
