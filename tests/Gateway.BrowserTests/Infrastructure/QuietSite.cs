namespace CacheGateway.BrowserTests.Infrastructure;

/// <summary>One site that nobody has asked for anything, for tests that only look.</summary>
public sealed class QuietSite : IAsyncLifetime
{
    private Site? _site;

    public Site Site => _site!;

    public async ValueTask InitializeAsync() => _site = await Site.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_site is not null)
        {
            await _site.DisposeAsync();
        }
    }
}
