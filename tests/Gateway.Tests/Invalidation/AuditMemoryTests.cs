using System.Text.Json;
using CacheGateway.Invalidation;
using CacheGateway.Model;
using Gateway.Tests.Policies;

namespace CacheGateway.Tests.Invalidation;

public sealed class AuditMemoryTests
{
    /// <summary>Somebody may invalidate thousands of tags at once, again and again.</summary>
    [Fact]
    public async Task LargeScope_IsCut_AsInRedis()
    {
        var audit = new AuditMemory(new NodeName("a"), new ManualTime());
        audit.Add(Order(new InvalidationScope { Tags = [.. Enumerable.Range(0, 4200).Select(i => new string('x', 240) + i)] }, new string('y', 100_000)), 1);

        var entry = Assert.Single(await audit.ReadAsync(10) ?? []);
        Assert.Equal((JsonValueKind.String, 4096), (entry.What.ValueKind, entry.What.GetString()!.Length));
        Assert.Equal(1000, entry.Why.Length);
    }

    [Fact]
    public async Task SmallScope_IsWhole()
    {
        var audit = new AuditMemory(new NodeName("a"), new ManualTime());
        audit.Add(Order(new InvalidationScope { Tags = ["a", "b"] }, "why"), 1);

        var entry = Assert.Single(await audit.ReadAsync(10) ?? []);
        Assert.Equal(("""{"t":["a","b"]}""", "why"), (entry.What.GetRawText(), entry.Why));
    }

    private static InvalidationOrder Order(InvalidationScope scope, string why) => new() { Id = "1", Scope = scope, Source = InvalidationSource.Admin, Reason = why };
}
