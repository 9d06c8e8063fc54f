using System.Text.Json;
using System.Text.RegularExpressions;

namespace CacheGateway.FunctionalTests.Reasons;

/// <summary>The parameter <c>key</c> of Cache-Status (RFC 9211 2.7).</summary>
public sealed partial class StatusKeyTests
{
    [Fact]
    public async Task UnlessItIsAskedFor_NoKeyIsShown()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60"));

        Assert.DoesNotContain("key=", Status(await env.GetAsync("/x")), StringComparison.Ordinal);
        Assert.DoesNotContain("key=", Status(await env.GetAsync("/x")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Miss_AndHit_NameTheSameKey_WithoutTheValuesOfTheQuery()
    {
        await using var env = await StartAsync();
        env.Origin.Get("/x*", Reply.Ok("x", "Cache-Control: max-age=60"));

        var miss = Key(await env.GetAsync("/x?q=abc&page=2"));
        var hit = await env.GetAsync("/x?q=abc&page=2");
        var other = Key(await env.GetAsync("/x?q=abd&page=2"));

        CacheAssert.Hit(hit);
        Assert.Equal(miss, Key(hit));
        Assert.Equal((miss.Url, false), (other.Url, miss.Id == other.Id));
        Assert.Equal($"http://{env.Address.Authority}/x?q=*&page=*", miss.Url);
    }

    [Fact]
    public async Task WhatIsNotStored_AndWhatPasses_HasAKeyToo()
    {
        await using var env = await StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: no-store"));

        var first = await env.GetAsync("/x");
        var second = await env.GetAsync("/x");

        Assert.Equal("hit-for-miss", second.CacheStatus!.Detail);
        Assert.Equal(Key(first), Key(second));
    }

    [Fact]
    public async Task TheId_IsTheOneOfExplain()
    {
        await using var env = await StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60"));
        var key = Key(await env.GetAsync("/x"));

        using var answer = await env.PostAdminAsync("/api/v2/cache/explain", $$"""{ "url": "http://{{env.Address.Authority}}/x" }""");
        using var explained = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());

        Assert.Equal(explained.RootElement.GetProperty("key").GetProperty("id").GetString(), key.Id);
    }

    [Fact]
    public async Task AQuoteInTheUrl_DoesNotEndTheText()
    {
        await using var env = await StartAsync();
        env.Origin.Get("/*", Reply.Ok("x", "Cache-Control: max-age=60"));

        var status = Status(await env.GetAsync("/a\"b;hit"));

        Assert.EndsWith("/a\\\"b;hit\"", status, StringComparison.Ordinal);
    }

    private static Task<GatewayEnvironment> StartAsync() =>
        GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings => settings with { CacheStatusKey = true } });

    private static string Status(RawResponse reply) => reply.Header("Cache-Status")!;

    private static (string Id, string Url) Key(RawResponse reply)
    {
        var match = Parameter().Match(Status(reply));
        Assert.True(match.Success, Status(reply));
        return (match.Groups["id"].Value, match.Groups["url"].Value);
    }

    [GeneratedRegex("^CacheGateway; (hit|fwd=).*; key=\"(?<id>[0-9a-f]{12}) (?<url>[^\"]*)\"$")]
    private static partial Regex Parameter();
}
