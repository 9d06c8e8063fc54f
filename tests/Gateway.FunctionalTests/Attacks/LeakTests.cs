using System.Text;
using CacheGateway.FunctionalTests.Promises;
using Microsoft.Extensions.Logging;

namespace CacheGateway.FunctionalTests.Attacks;

/// <summary>Group H: nobody learns what is another's, neither from bytes nor from what is said about them.</summary>
public sealed class LeakTests
{
    [Fact]
    [Attack("H01", "Asking what others asked for")]
    public async Task OnlyIfCached_TellsNothingAboutWhatIsNotThere()
    {
        await using var env = await Wire.StartAsync();
        await env.GetAsync("/seen?q=x", "Host: gw.test", "Authorization: Bearer A");

        var asked = await env.GetAsync("/seen?q=x", "Host: gw.test", "Cache-Control: only-if-cached");
        var never = await env.GetAsync("/never?q=x", "Host: gw.test", "Cache-Control: only-if-cached");

        Assert.Equal((504, 504), (asked.Status, never.Status));
        Assert.Equal(never.Header("Cache-Status"), asked.Header("Cache-Status"));
        Assert.False(asked.Has("Age"));
    }

    [Fact]
    [Attack("H02", "Buffers of one answer in another")]
    public async Task ManySizesAtOnce_WithClientsThatLeave_NeverMixBytes()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/s*", request => Reply.Ok(Describing(request.Target), request.Target.Contains('c', StringComparison.Ordinal) ? Numbered.Fresh : "Cache-Control: no-store"));
        var requests = 0;

        await Task.WhenAll(Enumerable.Range(0, 12).Select(worker => Task.Run(async () =>
        {
            var dice = new Random(worker);
            for (var i = 0; i < 60; i++)
            {
                await using var client = await env.ConnectAsync();
                var targets = Enumerable.Range(0, dice.Next(1, 6)).Select(_ => $"/s{(dice.Next(4) == 0 ? 'n' : 'c')}{dice.Next(30)}").ToArray();
                await client.SendAsync(string.Concat(targets.Select(target => $"GET {target} HTTP/1.1\r\nHost: gw.test\r\n\r\n")));
                foreach (var target in targets)
                {
                    if (dice.Next(20) == 0)
                    {
                        client.Abort();
                        break;
                    }

                    Assert.Equal(Describing(target), (await client.ReadAsync()).Text);
                    Interlocked.Increment(ref requests);
                }
            }
        })));

        Assert.InRange(requests, 1000, int.MaxValue);
    }

    [Theory]
    [Attack("C10", "Secrets in URLs")]
    [Attack("H03", "What fields and errors say about the inside")]
    [InlineData("/x?access_token=SECRET")]
    [InlineData("/x?note=SECRET")]
    [InlineData("/missing?sig=SECRET")]
    [InlineData("/cut?password=SECRET")]
    public async Task Answers_SayNothingAboutKeysOrTheInside(string target)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", Numbered.Fresh));
        env.Origin.Get("/missing", Reply.Exactly("", ReplyEnding.Reset));
        env.Origin.Get("/cut", Reply.Exactly("garbage\r\n\r\n"));

        foreach (var _ in Enumerable.Range(0, 2))
        {
            var answer = await env.GetAsync(target, "Host: gw.test", "Authorization: Bearer SECRET", "Cookie: s=SECRET");
            Assert.DoesNotContain("SECRET", answer.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("127.0.0.1", answer.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", answer.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", answer.ToString(), StringComparison.Ordinal);
            Assert.False(answer.Has("Server"));
        }

        Assert.DoesNotContain("SECRET", await env.AdminTextAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    [Attack("C10", "Secrets in URLs")]
    public async Task Log_OfAnInvalidation_HasNoValueOfAQuery()
    {
        var log = new KeptLog();
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Configure = builder => builder.Logging.AddFilter("CacheGateway", LogLevel.Debug).AddProvider(log),
        });

        using var answer = await env.InvalidateAsync(new { urls = (string[])["/raised?token=SECRET", "http://gw.test/x?token=SECRET"], prefixes = (string[])["/begins?token=SECRET"] });

        Assert.Equal(200, (int)answer.StatusCode);
        var line = Assert.Single(log.Lines, line => line.Contains("/raised", StringComparison.Ordinal));
        Assert.Contains("prefix:/begins", line, StringComparison.Ordinal);
        Assert.DoesNotContain(log.Lines, one => one.Contains("SECRET", StringComparison.Ordinal));
    }

    [Fact]
    [Attack("H05", "State of one request in the next of its connection")]
    public async Task NextRequest_OfAConnection_CarriesNothingOfTheOneBefore()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.On(null, "/*", request => Reply.Ok(string.Join('\n', request.HeaderLines) + request.BodyText, "Cache-Control: no-store"));
        await using var client = await env.ConnectAsync();
        await client.SendAsync("POST", "/a", ["Host: gw.test", "Authorization: Bearer SECRET", "Cookie: s=SECRET", "X-Mine: SECRET", "Range: bytes=0-", "If-Match: \"SECRET\""], "SECRET");
        await client.ReadAsync("POST");

        await client.SendAsync("GET", "/b", ["Host: gw.test"]);

        Assert.DoesNotContain("SECRET", (await client.ReadAsync()).Text, StringComparison.Ordinal);
    }

    /// <summary>From empty to a few hundred kilobytes, every line of which names its target.</summary>
    private static string Describing(string target)
    {
        var number = int.Parse(target.AsSpan(3), provider: null);
        var text = new StringBuilder();
        while (text.Length < number * number * 300)
        {
            text.Append(target).Append('\n');
        }

        return text.ToString();
    }
}
