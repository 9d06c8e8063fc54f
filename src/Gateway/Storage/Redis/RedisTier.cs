using System.Buffers.Binary;
using System.Collections.Concurrent;
using CacheGateway.Diagnostics;
using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Storage.Redis;

/// <summary>
/// The stored responses that all gateways of a deployment share: one hash per primary key (<see cref="TierScripts"/>). Made once per gateway.
/// Whatever Redis does, a read that gives nothing is a miss and a write that fails is a counter.
/// </summary>
internal sealed class RedisTier(
    IRedisCalls redis, EntryReader reader, EntryName names, StoredResponseCodec codec, Incarnation incarnation, RedisClock clock, BodyNames bodies,
    GatewayMetrics metrics, TimeProvider time)
{
    /// <summary>Written only when it is of use for at least this long.</summary>
    private const long LeastUseMs = 1000;
    private const long MostUseMs = 366L * 24 * 60 * 60 * 1000;

    /// <summary>Attempts of one write: the first may learn Redis' time, another that the body is gone.</summary>
    private const int MaxAttempts = 3;

    private static readonly string[] PlainVariants = [VariantName.Plain];

    private readonly ConcurrentDictionary<(string Entry, string Variants), SharedRead> _reads = new();
    private readonly VarySpecs _specs = new();

    /// <summary>Under which life of the fence epochs are given now.</summary>
    public string Incarnation => incarnation.Current();

    /// <summary>
    /// The stored responses that the request may select: none, one, or one for each vary spec that is stored. One round trip when the specs are
    /// known, two otherwise; requests that want the same at the same time share them.
    /// </summary>
    public async Task<StoredResponse[]> FindAsync<T>(CacheKey key, T request, CachePolicy policy)
        where T : IHeaderSource
    {
        var entry = names.Of(key.Text, key.Resource.Target);
        var known = _specs.Find(entry);
        var started = time.GetTimestamp();
        var first = await ReadAsync(entry, key, VariantsOf(known, request, policy), redis.Limits.ReadTimeout);
        if (first.Specs is not { } specs)
        {
            return [];
        }

        if (specs.AsSpan().SequenceEqual(known))
        {
            return first.Responses;
        }

        var missing = specs.Except(known).ToArray();
        if (missing.Length > 0 || specs.Length != known.Length)
        {
            _specs.Remember(entry, specs);
        }

        // Both round trips together have the time of one.
        var left = redis.Limits.ReadTimeout - time.GetElapsedTime(started);
        if (missing.Length == 0 || left < EntryReader.LeastWait)
        {
            return first.Responses;
        }

        var second = await ReadAsync(entry, key, VariantsOf(missing, request, policy), left);
        return [.. first.Responses, .. second.Responses];
    }

    /// <summary>Whether a response can be stored here and is worth it.</summary>
    public bool Takes(StoredResponse response) =>
        response.Partial is null && response.Body.Length <= BodyCodec.MaxBody && UseOf(response, Instant.MonotonicNow(time)) >= LeastUseMs;

    /// <summary>Writes a response beside the other variants of its key, unless a newer one is there.</summary>
    /// <param name="response">Finished, and alive when it was handed over.</param>
    /// <param name="life">The fence's life under which its epoch was given.</param>
    /// <param name="maxVariants">Beyond these the variant written first gives way.</param>
    public async Task WriteAsync(StoredResponse response, string life, int maxVariants)
    {
        var outcome = await WrittenAsync(response, life, maxVariants);
        metrics.SharedWrite(outcome);
        if (outcome is "unfit" or "too-large")
        {
            // What it took the place of is no answer any more.
            await RemoveAsync(response);
        }
    }

    /// <summary>Takes out exactly this response or an older one; a newer one stays.</summary>
    public async Task RemoveAsync(StoredResponse response)
    {
        if (clock.At(response.Freshness.ReceivedAt) is not { } receivedAt)
        {
            return;
        }

        // What was written with an idea of the time a little off is meant too.
        var upTo = new byte[16];
        BinaryPrimitives.WriteInt64BigEndian(upTo, response.Epoch);
        BinaryPrimitives.WriteInt64BigEndian(upTo.AsSpan(8), receivedAt + LeastUseMs);
        await redis.EvaluateAsync(
            TierScripts.Drop, [names.Of(response.Key.ToString(), response.Key.Target)], ["older", VariantName.Of(response.Vary), upTo], redis.Limits.WriteTimeout);
    }

    private static string[] VariantsOf<T>(string[] specs, T request, CachePolicy policy)
        where T : IHeaderSource =>
        specs is [""] ? PlainVariants : Array.ConvertAll(specs, spec => VariantName.Of(VaryRules.Capture(VarySpec.Names(spec), request, policy)));

    private static long UseOf(StoredResponse response, long now)
    {
        var freshness = response.Freshness;
        return Math.Min(freshness.RemainingAt(now) + Math.Max(freshness.StaleWhileRevalidate, freshness.StaleIfError), MostUseMs);
    }

    private Task<RedisEntry> ReadAsync(string entry, CacheKey key, string[] variants, TimeSpan timeLimit)
    {
        var name = (entry, variants is [var only] ? only : string.Join(' ', variants));
        if (_reads.TryGetValue(name, out var reading))
        {
            return reading.WaitAsync();
        }

        var mine = new SharedRead();
        reading = _reads.GetOrAdd(name, mine);
        return reading == mine ? LeadAsync(mine, name, key, variants, timeLimit) : reading.WaitAsync();
    }

    private async Task<RedisEntry> LeadAsync(SharedRead mine, (string Entry, string Variants) name, CacheKey key, string[] variants, TimeSpan timeLimit)
    {
        var found = RedisEntry.Absent;
        try
        {
            return found = await reader.ReadAsync(name.Entry, key, variants, timeLimit);
        }
        finally
        {
            _reads.TryRemove(name, out _);
            mine.End(found);
        }
    }

    private async Task<string> WrittenAsync(StoredResponse response, string life, int maxVariants)
    {
        var entry = names.Of(response.Key.ToString(), response.Key.Target);
        if (!VarySpec.Fits(response))
        {
            return "unfit";
        }

        var known = bodies.Find(response.Body);
        (byte[] Field, BodyName Name)? whole = null;
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (known is null && (whole ??= BodyCodec.Encode(response.Body, response.Header("Content-Encoding") is not null)) is null)
            {
                return "too-large";
            }

            var now = Instant.MonotonicNow(time);
            var use = UseOf(response, now);
            if (use < LeastUseMs || life != incarnation.Current())
            {
                return "late";
            }

            var redisNow = clock.At(now) ?? 0;
            var head = new StoredHead(response, life, Math.Max(0, redisNow - (now - response.Freshness.ReceivedAt)), known ?? whole!.Value.Name);
            if (codec.Encode(head) is not { } bytes)
            {
                return "unfit";
            }

            var reply = await redis.EvaluateAsync(
                TierScripts.Write,
                [entry],
                [VariantName.Of(response.Vary), bytes, known is null ? whole!.Value.Field : [], known is null ? "whole" : "head", VarySpec.Of(response), redisNow, use, maxVariants],
                redis.Limits.WriteTimeout);
            if (!reply.IsOk)
            {
                return reply.Outcome == RedisOutcome.Refused ? "rejected" : "failed";
            }

            if (!TimedAnswer.TryRead(reply.Value, entry, out var answered, out var outcome))
            {
                redis.OutOfStep();
                return "failed";
            }

            switch (TimedAnswer.TextOf(outcome))
            {
                case "written":
                    bodies.Remember(response.Body, head.Body);
                    return known is null ? "written" : "head-written";
                case "newer":
                    return "newer";
                case "body":
                    bodies.Forget(response.Body);
                    known = null;
                    break;
                default:
                    clock.Observe(answered, now, Instant.MonotonicNow(time));
                    break;
            }
        }

        return "failed";
    }
}
