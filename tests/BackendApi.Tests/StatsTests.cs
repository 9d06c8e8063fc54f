using BackendApi.Tests.Setup;

namespace BackendApi.Tests;

public sealed class StatsOnMemory(MemoryBackend backend) : StatsTests(backend, "memory"), IClassFixture<MemoryBackend>;

public sealed class StatsOnPostgres(PostgresBackend backend) : StatsTests(backend, "postgresql"), IClassFixture<PostgresBackend>;

public abstract class StatsTests(BackendFixture backend, string source) : BackendTests(backend)
{
    [Fact]
    public async Task Stats_CountRequestsAndQueriesByEndpoint_UntilReset()
    {
        await Backend.SendAsync(HttpMethod.Post, "/stats/reset");
        await Backend.GetAsync("/clients");
        await Backend.GetAsync("/clients?page=2");
        await Backend.GetAsync("/clients/5");
        await Backend.GetAsync("/shop/api/products/?search=mug&category__id=3");

        var stats = await Backend.GetAsync("/stats");
        Assert.Equal((4, 4, source), (stats.Int("requests"), stats.Int("queries"), stats.Text("source")));
        Assert.Equal(["clients.item", "clients.list", "shop.products.search"], stats.Names("byEndpoint"));
        var list = stats.GetProperty("byEndpoint").GetProperty("clients.list");
        Assert.Equal((2, 2, 0), (list.Int("requests"), list.Int("queries"), list.Int("averageDelayMs")));
        Assert.True(list.Decimal("averageDbMs") > 0);

        Assert.Equal(204, (await Backend.SendAsync(HttpMethod.Post, "/stats/reset")).Status);
        Assert.Equal(0, (await Backend.GetAsync("/stats")).Int("requests"));
    }

    [Fact]
    public async Task Stats_RefusedRequest_CountsWithoutAQuery()
    {
        await Backend.SendAsync(HttpMethod.Post, "/stats/reset");
        await Backend.GetAsync("/clients?page=0");

        var stats = await Backend.GetAsync("/stats");
        Assert.Equal((1, 0), (stats.Int("requests"), stats.Int("queries")));
    }

    [Fact]
    public async Task Stats_OfTheDatabase_OnlyWhereThereIsOne()
    {
        var database = (await Backend.GetAsync("/stats")).GetProperty("database");

        if (source == "memory")
        {
            Assert.Equal(System.Text.Json.JsonValueKind.Null, database.ValueKind);
        }
        else
        {
            Assert.True(database.Int("xact_commit") >= 0);
            Assert.True(database.TryGetProperty("tup_returned", out _));
        }
    }

    [Fact]
    public async Task Read_Answer_TellsItsTimes()
    {
        var answer = await Backend.SendAsync(HttpMethod.Get, "/clients/5");

        Assert.Matches("^db;dur=[0-9.]+;desc=\"[0-9]+ queries\", delay;dur=0$", Assert.Single(answer.Response.Headers.GetValues("Server-Timing")));
    }

    [Fact]
    public async Task Health_Ok() => Assert.Equal("ok", (await Backend.GetAsync("/health")).Text("status"));
}
