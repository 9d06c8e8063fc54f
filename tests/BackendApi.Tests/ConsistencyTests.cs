using System.Text.Json;
using BackendApi.Tests.Setup;

namespace BackendApi.Tests;

public sealed class ConsistencyOnMemory(MemoryBackend backend) : ConsistencyTests(backend), IClassFixture<MemoryBackend>;

public sealed class ConsistencyOnPostgres(PostgresBackend backend) : ConsistencyTests(backend), IClassFixture<PostgresBackend>;

/// <summary>While rows are only added, their number and the version grow together: an answer that mixes two states shows at once.</summary>
public abstract class ConsistencyTests(BackendFixture backend) : BackendTests(backend)
{
    [Fact]
    public async Task List_DuringWrites_VersionAndRowsAreOfOneState() => await AssertOneStateAsync(
        "/clients",
        list => list.Int("total"),
        new { name = "A", email = "a@example.org", language = "en", country = "Spain" });

    [Fact]
    public async Task Dashboard_DuringWrites_VersionAndFiguresAreOfOneState() => await AssertOneStateAsync(
        "/booking/api/v2/dashboard",
        dashboard => dashboard.Int("payments"),
        new { userId = 1, serviceId = 1, amount = 1, paidOn = "2026-01-01" },
        "/booking/api/v2/payments");

    private async Task AssertOneStateAsync(string path, Func<JsonElement, int> count, object body, string? writeTo = null)
    {
        var first = await Backend.GetAsync(path);
        var writers = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => WriteAsync(writeTo ?? path, body)));
        var seen = new HashSet<long>();
        do
        {
            var now = await Backend.GetAsync(path);
            Assert.Equal(now.Version() - first.Version(), count(now) - count(first));
            seen.Add(now.Version());
        }
        while (!writers.IsCompleted);

        await writers;
        Assert.True(seen.Count > 1, "The reads did not meet the writes.");
        Assert.Equal(first.Version() + 200, (await Backend.GetAsync(path)).Version());
    }

    private async Task WriteAsync(string path, object body)
    {
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(201, (await Backend.SendAsync(HttpMethod.Post, path, body)).Status);
        }
    }
}
