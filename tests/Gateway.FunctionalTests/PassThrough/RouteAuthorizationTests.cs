using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CacheGateway.FunctionalTests.PassThrough;

/// <summary>A route of the configuration that names an authorization policy, where the application that hosts the gateway has one.</summary>
public sealed class RouteAuthorizationTests
{
    [Fact]
    public async Task RouteWithAPolicy_IsRefused_AndOthersAreNot()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Configuration = origin => $$"""
                { "ReverseProxy": {
                    "Routes": {
                        "closed": { "ClusterId": "all", "AuthorizationPolicy": "nobody", "Match": { "Path": "/closed/{**path}" } },
                        "open": { "ClusterId": "all", "Match": { "Path": "/open/{**path}" } } },
                    "Clusters": { "all": { "Destinations": { "a": { "Address": "{{origin}}" } } } } } }
                """,
            Configure = builder =>
            {
                builder.Services.AddAuthentication("none").AddScheme<AuthenticationSchemeOptions, NoCredentials>("none", null);
                builder.Services.AddAuthorizationBuilder().AddPolicy("nobody", policy => policy.RequireAssertion(_ => false));
            },
        });
        env.Origin.Get("/*", Reply.Ok("x", "Cache-Control: max-age=60"));

        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(401, (await env.GetAsync("/closed/x")).Status);
            Assert.Equal(200, (await env.GetAsync("/open/x")).Status);
        }

        Assert.Equal(0, env.Origin.Requests("/closed/x"));
        Assert.Equal(1, env.Origin.Requests("/open/x"));
    }

    private sealed class NoCredentials(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logs, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logs, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(AuthenticateResult.NoResult());
    }
}
