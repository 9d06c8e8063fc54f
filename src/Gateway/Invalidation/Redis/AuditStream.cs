using System.Globalization;
using CacheGateway.Storage.Redis;
using StackExchange.Redis;

namespace CacheGateway.Invalidation.Redis;

/// <summary>Reads the audit that the raise script writes, version 1; entries of later versions show what they have in common.</summary>
internal sealed class AuditStream(RedisGuard guard, FenceKeys keys, BusLimits limits) : IInvalidationAudit
{
    /// <summary>Somebody may have written an id that is no time.</summary>
    private static readonly long LatestTime = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    public async Task<IReadOnlyList<AuditEntry>?> ReadAsync(int most, string? before = null)
    {
        var from = before is null ? "+" : "(" + before;
        var reply = await guard.ExecuteAsync(
            "fence-audit", limits.CallTimeout, "XREVRANGE", keys.Audit, from, "-", "COUNT", most.ToString(CultureInfo.InvariantCulture));
        if (!reply.IsOk)
        {
            return null;
        }

        var entries = ReplyShape.TryRead(reply.Value, entries => ((RedisResult[])entries).Select(Read).ToArray());
        if (entries is null)
        {
            guard.OutOfStep();
        }

        return entries;
    }

    private static AuditEntry Read(RedisResult result)
    {
        var parts = (RedisResult[])result;
        var place = (string)parts[0] ?? "0-0";
        var fields = (string[])parts[1] ?? [];
        string Field(string name) => Enumerable.Range(0, fields.Length / 2).Where(i => fields[2 * i] == name).Select(i => fields[(2 * i) + 1]).FirstOrDefault("");
        _ = long.TryParse(place.Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var at);
        _ = long.TryParse(Field("epoch"), NumberStyles.None, CultureInfo.InvariantCulture, out var epoch);
        return new AuditEntry(
            place, DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(at, LatestTime)), Field("id"), epoch, Field("node"), Field("source"), Field("who"), Field("why"), AuditEntry.Scope(Field("scope")));
    }
}
