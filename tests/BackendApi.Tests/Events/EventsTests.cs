using System.Collections.Concurrent;
using System.Net.Http.Json;
using BackendApi.Events;
using BackendApi.Hosting;
using BackendApi.Tests.Setup;
using Microsoft.Extensions.DependencyInjection;

namespace BackendApi.Tests.Events;

/// <summary>What is said after which write.</summary>
public sealed class EventsTests
{
    [Fact]
    public async Task Writes_SayWhatHappened_FailedOnesNothing()
    {
        var events = new Heard();
        var options = new BackendOptions("http://127.0.0.1:0", CostScale: 0);
        await using var app = await BackendApp.BuildAsync(options, services => services.AddSingleton<ICacheEvents>(events));
        await BackendApp.ListenAsync(app, options);
        using var client = BackendFixture.ClientOf(app);

        using var renamed = await client.PatchAsJsonAsync("/shop/api/categories/7/", new { name = "renamed" });
        using var refused = await client.PatchAsJsonAsync("/shop/api/categories/999999/", new { name = "renamed" });
        using var invalid = await client.PatchAsJsonAsync("/shop/api/categories/7/", new { name = "" });

        Assert.True(renamed.IsSuccessStatusCode);
        Assert.False(refused.IsSuccessStatusCode);
        Assert.False(invalid.IsSuccessStatusCode);
        Assert.Equal("""category.saved { Id = 7 }""", Assert.Single(events.All));
    }

    [Fact]
    public async Task Basket_SaysThatOneChanged_NotWhose()
    {
        var events = new Heard();
        var options = new BackendOptions("http://127.0.0.1:0", CostScale: 0);
        await using var app = await BackendApp.BuildAsync(options, services => services.AddSingleton<ICacheEvents>(events));
        await BackendApp.ListenAsync(app, options);
        using var client = BackendFixture.ClientOf(app);

        using var added = await client.PostAsJsonAsync("/shop/api/session/", new { productId = 1, quantity = 1 });

        Assert.True(added.IsSuccessStatusCode);
        Assert.Equal("basket.changed { }", Assert.Single(events.All));
    }

    [Fact]
    public void RedisAddress_EveryPart()
    {
        var options = RedisAddress.Read(new Uri("redis://:p%3Ass@cache.example.org:6380/2"));

        Assert.Equal(("p:ss", 2, "cache.example.org:6380"), (options.Password, options.DefaultDatabase, options.EndPoints[0].ToString()!.Replace("Unspecified/", "", StringComparison.Ordinal)));
    }

    private sealed class Heard : ICacheEvents
    {
        public ConcurrentQueue<string> All { get; } = new();

        public Task PublishAsync(string name, object data, CancellationToken cancellation = default)
        {
            All.Enqueue($"{name} {data}");
            return Task.CompletedTask;
        }
    }
}
