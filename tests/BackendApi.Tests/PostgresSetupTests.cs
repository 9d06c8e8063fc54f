using BackendApi.Hosting;
using BackendApi.Tests.Setup;
using Microsoft.AspNetCore.Builder;

namespace BackendApi.Tests;

public sealed class PostgresSetupTests(PostgresServer server)
{
    [Fact]
    public async Task Start_TwoAtOnceOnAnEmptyDatabase_OneSeed()
    {
        await WithDatabaseAsync(async database =>
        {
            var apps = await Task.WhenAll(StartAsync(database), StartAsync(database));
            using var client = BackendFixture.ClientOf(apps[1]);

            Assert.Contains("\"version\":1,\"total\":5000,", await client.GetStringAsync("/clients?per_page=1"), StringComparison.Ordinal);
            foreach (var app in apps)
            {
                await app.DisposeAsync();
            }
        });
    }

    [Fact]
    public async Task Start_Again_KeepsDataAndVersions()
    {
        await WithDatabaseAsync(async database =>
        {
            await using (var first = await StartAsync(database))
            {
                using var writer = BackendFixture.ClientOf(first);
                Assert.True((await writer.DeleteAsync("/clients/1")).IsSuccessStatusCode);
            }

            await using var second = await StartAsync(database);
            using var reader = BackendFixture.ClientOf(second);
            Assert.Contains("\"version\":2,\"total\":4999,", await reader.GetStringAsync("/clients?per_page=1"), StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Request_DatabaseGone_503WithoutAStackTrace()
    {
        Assert.SkipWhen(server.SkipReason is not null, server.SkipReason ?? "");
        var database = await server.CreateDatabaseAsync();
        await using var app = await StartAsync(database);
        await server.DropDatabaseAsync(database);
        using var client = BackendFixture.ClientOf(app);

        var answer = await client.GetAsync("/clients");

        Assert.Equal((503, "application/problem+json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.DoesNotContain("Npgsql", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task WithDatabaseAsync(Func<string, Task> test)
    {
        Assert.SkipWhen(server.SkipReason is not null, server.SkipReason ?? "");
        var database = await server.CreateDatabaseAsync();
        try
        {
            await test(database);
        }
        finally
        {
            await server.DropDatabaseAsync(database);
        }
    }

    private static async Task<WebApplication> StartAsync(string database)
    {
        var options = new BackendOptions("http://127.0.0.1:0", database, CostScale: 0);
        var app = await BackendApp.BuildAsync(options);
        await BackendApp.ListenAsync(app, options);
        return app;
    }
}
