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
/// </summary>
internal sealed class EntryReader(
    IRedisCalls redis, StoredResponseCodec codec, Incarnation incarnation, RedisClock clock, BodyNames bodies, GatewayMetrics metrics, TimeProvider time)
{
    /// <summary>What is asked where nothing is known, and most responses are.</summary>
    private static readonly RedisValue[] PlainFields = Fields([VariantName.Plain]);

    public async Task<RedisEntry> ReadAsync(string entry, CacheKey key, string[] variants, TimeSpan timeLimit)
    {
        var fields = variants is [var only] && only == VariantName.Plain ? PlainFields : Fields(variants);
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

        var now = Instant.MonotonicNow(time);
        clock.Observe(redisNow, sent, now);
        return TimedAnswer.TryValues(values, fields.Length) is { } found
            ? Read(entry, key, variants, found, new Clocks(now, redisNow))
            : Corrupt(entry, "type", "", "");
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

    private RedisEntry Read(string entry, CacheKey key, string[] variants, byte[]?[] found, Clocks clocks)
    {
        if (found[0] is not { } spec)
        {
            metrics.SharedRead("miss");
            return RedisEntry.Absent;
        }

        if (VarySpec.Parse(Encoding.UTF8.GetString(spec)) is not { } specs)
        {
            return Corrupt(entry, "spec", "", Sha1(spec, []));
        }

        var responses = new List<StoredResponse>(variants.Length);
        for (var i = 0; i < variants.Length; i++)
        {
            if (found[1 + (2 * i)] is { } head && Variant(entry, key, variants[i], head, found[2 + (2 * i)], clocks) is { } response)
            {
                responses.Add(response);
            }
        }

        metrics.SharedRead(responses.Count > 0 ? "hit" : "miss");
        return new RedisEntry(specs, [.. responses]);
    }

    private StoredResponse? Variant(string entry, CacheKey key, string name, byte[] head, byte[]? body, Clocks clocks)
    {
        var reading = codec.Decode(head, key, out var read);
        if (reading == HeadReading.Unknown)
        {
            metrics.SharedRead("unknown-version");
            return null;
        }

        if (read is null || VariantName.Of(read.Response.Vary) != name || BodyCodec.Decode(body, read.Body) is not { } segments)
        {
            Corrupt(entry, "variant", name, Sha1(head, body));
            return null;
        }

        if (read.Incarnation != incarnation.Current() || !incarnation.Admits(read.Response.Epoch))
        {
            metrics.SharedRead("dead");
            return null;
        }

        // Time passed by Redis' clock alone; a clock of Redis that stepped back makes it zero, never negative.
        var passed = Math.Max(0, clocks.Redis - read.ReceivedAt);
        var response = read.Response.With(segments, read.Response.Freshness with { ReceivedAt = clocks.Monotonic - passed });
        bodies.Remember(segments, read.Body);
        return response;
    }

    private RedisEntry Corrupt(string entry, string what, string name, string was)
    {
        metrics.SharedCorrupt();
        // Nobody waits for it, and it takes out only what is still the same.
        _ = redis.EvaluateAsync(TierScripts.Drop, [entry], [what, name, was], redis.Limits.WriteTimeout);
        return RedisEntry.Absent;
    }

    [SuppressMessage("Security", "CA5350", Justification = "Redis scripts can make no other hash; it tells whether a value is still the same.")]
    private static string Sha1(byte[] first, byte[]? second)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(first);
        hash.AppendData(second ?? []);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private readonly record struct Clocks(long Monotonic, long Redis);
}
