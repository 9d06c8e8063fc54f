using CacheGateway.Hosting;
using CacheGateway.Model;
using Microsoft.AspNetCore.Builder;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>How a test wants its gateway.</summary>
internal sealed record EnvironmentOptions
{
    public CacheProfile Profile { get; init; } = CacheProfile.Safe;

    /// <summary>The text of policies.json; null = the transparent cache.</summary>
    public string? Policies { get; init; }

    /// <summary>The text of a configuration file for the address of the environment's own origin, which takes that origin's place; null = that origin.</summary>
    public Func<string, string>? Configuration { get; init; }

    public Func<GatewaySettings, GatewaySettings> Settings { get; init; } = settings => settings;

    public Action<WebApplicationBuilder> Configure { get; init; } = _ => { };
}
