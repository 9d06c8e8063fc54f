using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CacheGateway.FunctionalTests.Processes;

/// <summary>What a start leaves for later.</summary>
public sealed class StartTests
{
    [Fact]
    public async Task Keys_AreNotReadAtTheStart()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        Assert.DoesNotContain(env.Services.GetServices<IHostedService>(), service => service.GetType().FullName!.Contains("DataProtection", StringComparison.Ordinal));
    }
}
