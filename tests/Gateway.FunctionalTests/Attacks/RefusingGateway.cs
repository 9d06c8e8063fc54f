namespace CacheGateway.FunctionalTests.Attacks;

/// <summary>One gateway for all rows of a class in which nothing may reach the origin, so that hundreds of them cost one start.</summary>
public sealed class RefusingGateway : IAsyncLifetime
{
    internal GatewayEnvironment Environment { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Environment = await Wire.StartAsync();

    public ValueTask DisposeAsync() => Environment.DisposeAsync();
}
