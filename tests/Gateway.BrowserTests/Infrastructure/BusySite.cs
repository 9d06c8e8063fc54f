[assembly: Xunit.AssemblyFixture(typeof(CacheGateway.BrowserTests.Infrastructure.BusySite))]

namespace CacheGateway.BrowserTests.Infrastructure;

/// <summary>One site with known traffic behind it, for all tests that only look.</summary>
public sealed class BusySite : IAsyncLifetime
{
    public const string Policy = "shop-products";

    /// <summary>Asked for through the gateway, each <see cref="Times"/> times.</summary>
    public static readonly string[] Targets =
    [
        "/shop/api/products/?page=1", "/shop/api/products/?page=2", "/shop/api/products/?page=3", "/shop/api/categories/", "/clients?page=1", "/api/leads/categories",
    ];

    public const int Times = 25;

    private Site? _site;

    public Site Site => _site!;

    public async ValueTask InitializeAsync()
    {
        _site = await Site.StartWithBackendAsync();
        await _site.DriveAsync(Targets, Times);
        await _site.CountedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_site is not null)
        {
            await _site.DisposeAsync();
        }
    }
}
