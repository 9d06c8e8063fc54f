using BackendApi.Costs;
using BackendApi.Hosting;
using BackendApi.Tests.Setup;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace BackendApi.Tests.Costs;

public sealed class CostTests
{
    [Theory]
    [InlineData(200, 0, 200)]
    [InlineData(200, 30, 170)]
    [InlineData(200, 200, 0)]
    [InlineData(200, 900, 0)]
    [InlineData(0, 5, 0)]
    public void Rest_IsWhatTheQueryLeftOfTheTarget(int target, int spent, int rest) => Assert.Equal(
        TimeSpan.FromMilliseconds(rest),
        CostTable.Rest(TimeSpan.FromMilliseconds(target), TimeSpan.FromMilliseconds(spent)));

    [Fact]
    public void TargetFor_Scaled() => Assert.Equal(TimeSpan.FromMilliseconds(20), TableOf("200", 0.1).TargetFor("a"));

    [Theory]
    [InlineData("-1")]
    [InlineData("fast")]
    [InlineData("60001")]
    public void Costs_NoMilliseconds_BadUsageNamesTheSetting(string value) =>
        Assert.Contains("Costs:a", Assert.Throws<BadUsageException>(() => TableOf(value, 1)).Message, StringComparison.Ordinal);

    [Fact]
    public void ServerTiming_InMilliseconds() => Assert.Equal(
        "db;dur=1.5;desc=\"3 queries\", delay;dur=198.5", CostFilter.ServerTiming(TimeSpan.FromMilliseconds(1.5), 3, TimeSpan.FromMilliseconds(198.5)));

    [Theory]
    [InlineData("/clients", 200)]
    [InlineData("/shop/api/categories/", 95)]
    [InlineData("/shop/api/products/?ordering=price", 145)]
    [InlineData("/shop/api/products/?category__id=3", 180)]
    [InlineData("/shop/api/products/?category__id=3&search=mug", 220)]
    [InlineData("/booking/api/v2/appointments/slots", 250)]
    [InlineData("/booking/api/v2/analytics/revenue", 1800)]
    [InlineData("/booking/api/v2/analytics/clients", 1800)]
    [InlineData("/booking/api/v2/dashboard", 2100)]
    [InlineData("/booking/api/v2/users/3/profile", 180)]
    [InlineData("/booking/api/v2/services/catalogue", 120)]
    public async Task Read_TakesItsDocumentedCost(string path, int milliseconds)
    {
        var time = new ManualTime();
        var options = new BackendOptions("http://127.0.0.1:0");
        await using var app = await BackendApp.BuildAsync(options, services => services.AddSingleton<TimeProvider>(time));
        await BackendApp.ListenAsync(app, options);
        using var client = BackendFixture.ClientOf(app);

        var answer = client.GetAsync(path);
        var delay = await time.NextTimerAsync();
        Assert.False(answer.IsCompleted);
        time.Advance(delay);

        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), delay);
        Assert.Matches($"^db;dur=0;desc=\"[0-9]+ queries\", delay;dur={milliseconds}$", Assert.Single((await answer).Headers.GetValues("Server-Timing")));
    }

    [Fact]
    public async Task EveryEndpoint_HasACost_AndEveryCostAnEndpoint()
    {
        await using var backend = new MemoryBackend();
        await backend.InitializeAsync();
        foreach (var path in Paths.Reads)
        {
            var answer = await backend.SendAsync(HttpMethod.Get, path, authorization: "Bearer alice", cookie: "sessionid=s");
            Assert.True(answer.Status == 200, $"{path}: {answer.Status}");
        }

        foreach (var path in Paths.Removals)
        {
            Assert.Equal(404, (await backend.SendAsync(HttpMethod.Delete, path)).Status);
        }

        await backend.SendAsync(HttpMethod.Post, "/booking/api/v2/payments", new { userId = 1, serviceId = 1, amount = 1, paidOn = "2026-01-01" });

        var costs = new ConfigurationBuilder().SetBasePath(AppContext.BaseDirectory).AddJsonFile("appsettings.json").Build().GetSection("Costs");
        var used = (await backend.GetAsync("/stats")).Names("byEndpoint");
        Assert.Equal(costs.GetChildren().Select(cost => cost.Key).Order(StringComparer.Ordinal), used);
    }

    private static CostTable TableOf(string value, double scale) =>
        new(new ConfigurationBuilder().AddInMemoryCollection([new("Costs:a", value)]).Build().GetSection("Costs"), scale);
}
