namespace CacheGateway.FunctionalTests.Attacks;

/// <summary>One gateway for all rows of a class, so that hundreds of them cost one start; each row has a path of its own.</summary>
public sealed class SharedGateway : IAsyncLifetime
{
    private int _pages;

    internal GatewayEnvironment Environment { get; private set; } = null!;

    /// <summary>A path that no other row asks for, answered by <paramref name="handler"/>.</summary>
    internal string Page(Func<OriginRequest, Reply> handler)
    {
        var path = $"/page{Interlocked.Increment(ref _pages)}";
        Environment.Origin.On(null, path, handler);
        return path;
    }

    public async ValueTask InitializeAsync() => Environment = await Wire.StartAsync();

    public ValueTask DisposeAsync() => Environment.DisposeAsync();
}
