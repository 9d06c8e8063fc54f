using CacheGateway.Cli.Demo;

namespace CacheGateway.Tests.Cli.Demo;

public sealed class DemoProcessesTests
{
    /// <summary>The demo clears, writes and publishes: not where somebody works.</summary>
    [Theory]
    [InlineData("REDIS_URL", true)]
    [InlineData("REDIS_MAX_CONNECTIONS", true)]
    [InlineData("EVENTS_URL", true)]
    [InlineData("EVENTS_SECRET", true)]
    [InlineData("CACHEGATEWAY__ADMINTOKEN", true)]
    [InlineData("cachegateway__redis", true)]
    [InlineData("CACHE_ENABLED", true)]
    [InlineData("DATABASE_URL", true)]
    [InlineData("ConnectionStrings__Database", true)]
    [InlineData("ReverseProxy__Routes__r__ClusterId", true)]
    [InlineData("ASPNETCORE_URLS", true)]
    [InlineData("PATH", false)]
    [InlineData("HOME", false)]
    [InlineData("DOTNET_ROOT", false)]
    public void WhatConfiguresAGateway_IsNotHandedOn(string variable, bool configures) => Assert.Equal(configures, DemoProcesses.Configures(variable));
}
