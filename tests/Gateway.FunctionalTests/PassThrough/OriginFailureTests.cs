using System.Text.Json;

namespace CacheGateway.FunctionalTests.PassThrough;

/// <summary>An origin that does not answer is told to the client in a small problem document, and is asked again for the next request.</summary>
public sealed class OriginFailureTests
{
    [Theory]
    [Covers("RFC 9110 15.6.3", "502 for an origin that cannot be reached")]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Origin_Unreachable_Answers502Problem(string method)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        await env.Origin.GoAway();

        var response = await env.SendAsync(method, "/x");

        AssertProblem(response, 502);
    }

    [Fact]
    public async Task Origin_BackAfterFailure_IsAskedAgain()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("back", "Cache-Control: max-age=60"));
        await env.Origin.GoAway();
        Assert.Equal(502, (await env.GetAsync("/x")).Status);

        env.Origin.Return();

        Assert.Equal("back", (await env.GetAsync("/x")).Text);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Origin_ThatResets_Answers502Problem(string method)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.On(null, "/x", Reply (_) => Reply.Exactly("", ReplyEnding.Reset));

        AssertProblem(await env.SendAsync(method, "/x"), 502);
    }

    [Theory]
    [InlineData("HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 junk\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("no http at all\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nno colon\r\n\r\nx")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\nCache-Control: max-age=60\r\n\r\nxy")]
    public async Task Origin_ThatSpeaksNoHttp_Answers502AndStoresNothing(string bytes)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Exactly(bytes));

        AssertProblem(await env.GetAsync("/x"), 502);
        var again = await env.GetAsync("/x");
        AssertProblem(again, 502);

        Assert.Equal("origin-failed", again.CacheStatus!.Detail);
        Assert.True(env.Origin.Requests("/x") >= 2);
    }

    [Theory]
    [Covers("RFC 9110 5.5", "a field with control characters makes an answer that is none: not sent, not stored, not merged")]
    [InlineData("GET", "X-Odd: a\u0001b")]
    [InlineData("GET", "X-Odd: a\u007fb")]
    [InlineData("GET", "Content-Language: d\u001be")]
    [InlineData("HEAD", "X-Odd: a\u0001b")]
    [InlineData("POST", "X-Odd: a\u0001b")]
    public async Task Origin_WithControlCharactersInAField_Answers502AndStoresNothing(string method, string field)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.On(method, "/x", _ => Reply.Ok(method == "HEAD" ? "" : "x", "Cache-Control: max-age=60", field));

        for (var i = 1; i <= 2; i++)
        {
            var answer = await env.SendAsync(method, "/x");
            Assert.Equal((502, "origin-failed"), (answer.Status, answer.CacheStatus!.Detail));
            Assert.Equal(i, env.Origin.Requests("/x"));
            Assert.Equal(i, await env.MetricAsync("cachegateway_origin_errors_total"));
        }
    }

    [Fact]
    public async Task Origin_WithATabulatorInAField_IsAnswered()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60", "X-Odd: a\tb"));

        Assert.Equal(200, (await env.GetAsync("/x")).Status);
        Assert.Equal("a\tb", (await env.GetAsync("/x")).Header("X-Odd"));
    }

    [Fact]
    public async Task A304_WithControlCharacters_SpoilsNothingThatIsStored()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => Reply.Conditional(request, "\"v1\"", "good", "Cache-Control: max-age=60", request.PathNumber == 2 ? "X-Odd: a\u0001b" : "X-Odd: ab"));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);

        Assert.Equal(502, (await env.GetAsync("/x")).Status);
        Assert.Equal((200, "good"), ((await env.GetAsync("/x")).Status, (await env.GetAsync("/x")).Text));
        Assert.Equal(3, env.Origin.Requests("/x"));
    }

    [Fact]
    public async Task Origin_WithTwoFramings_IsNotStored()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Exactly(
            "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"));

        await env.GetAsync("/x");
        await env.GetAsync("/x");

        Assert.Equal(2, env.Origin.Requests("/x"));
    }

    [Theory]
    [Covers("RFC 9110 15.6.5", "504 for an origin that does not answer in time")]
    [InlineData("GET", null)]
    [InlineData("POST", null)]
    [InlineData("POST", "")]
    public async Task Origin_Silent_Answers504Problem(string method, string? body)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Settings = settings => settings with { OriginTimeout = TimeSpan.FromMilliseconds(200) },
        });
        env.Origin.On(null, "/x", _ => Reply.Ok("late"));
        env.Origin.Hold("/x");

        var response = await env.SendAsync(method, "/x", body);

        AssertProblem(response, 504);
    }

    private static void AssertProblem(RawResponse response, int status)
    {
        Assert.Equal(status, response.Status);
        Assert.StartsWith("application/problem+json", response.Header("Content-Type"), StringComparison.Ordinal);
        using var problem = JsonDocument.Parse(response.Text);
        Assert.Equal(status, problem.RootElement.GetProperty("status").GetInt32());
        Assert.DoesNotContain("   at ", response.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", response.Text, StringComparison.Ordinal);
        Assert.True(response.Body.Length < 1024, "a small document");
    }
}
