using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace CacheGateway.FunctionalTests.Faults;

/// <summary>What the log of a gateway says of an origin that cannot be reached.</summary>
public sealed class OriginLogTests
{
    [Theory]
    [Fault("F-30", "The log of an origin that cannot be reached: a line that names it and why, once a second at most, and no stack")]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Unreachable_IsToldInOneLine(string method)
    {
        await using var origin = ScriptedOrigin.Start(TimeProvider.System);
        await origin.GoAway();
        await using var gateway = await GatewayProcess.StartAsync(origin.Address);
        for (var i = 0; i < 5; i++)
        {
            await using var client = await gateway.ConnectAsync();
            await client.SendAsync(method, $"/x{i}", ["Host: gw.test"], method == "POST" ? "x" : null);
            Assert.Equal(502, (await client.ReadAsync(method)).Status);
        }

        bool Told(string line) => line.Contains("could not answer", StringComparison.Ordinal);
        await Deadline.Until(() => Task.FromResult(gateway.Lines.Any(Told)), "the line");
        Assert.Contains($"The origin {origin.Address.ToString().TrimEnd('/')}", gateway.Lines.First(Told), StringComparison.Ordinal);
        Assert.Contains("origin-unreachable", gateway.Lines.First(Told), StringComparison.Ordinal);
        Assert.Contains("ConnectionRefused", gateway.Lines.First(Told), StringComparison.Ordinal);
        Assert.DoesNotContain(gateway.Lines, line => line.TrimStart().StartsWith("at ", StringComparison.Ordinal) || line.Contains("Exception", StringComparison.Ordinal));
    }

    [Fact]
    [Fault("F-30", "The log of an origin that cuts every answer: one line a second, with the number of those that were not told")]
    public async Task CutAnswers_AreToldOnceASecond()
    {
        const int Cut = 20;
        var log = new KeptLog();
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Configure = builder => builder.Logging.AddProvider(log) });
        env.Origin.Get("/*", Reply.Exactly("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 100\r\n\r\nhalf"));
        string[] Told() => [.. log.Lines.Where(line => line.Contains("was incomplete", StringComparison.Ordinal))];
        for (var i = 0; i < Cut; i++)
        {
            await using var client = await env.ConnectAsync();
            await client.SendAsync("GET", $"/{i}", []);
            Assert.False((await client.ReadAsync("GET")).Complete);
        }

        Assert.EndsWith("; 0 more since it was last said", Assert.Single(Told()), StringComparison.Ordinal);

        env.Time.AdvanceSeconds(1.1);
        await using var last = await env.ConnectAsync();
        await last.SendAsync("GET", "/last", []);
        await last.ReadAsync("GET");

        Assert.EndsWith($"; {Cut - 1} more since it was last said", Told()[^1], StringComparison.Ordinal);
        Assert.Equal(2, Told().Length);
    }

    [Theory]
    [Fault("F-30", "The log of an origin that cuts answers which only pass, or answers what means nothing: a line as for any other")]
    [InlineData("POST", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", "was incomplete")]
    [InlineData("GET", "HTTP/1.1 304 Not Modified\r\n\r\n", "(an answer that is none)")]
    public async Task AnswerThatPasses_AndIsBroken_IsTold(string method, string bytes, string words)
    {
        var log = new KeptLog();
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Configure = builder => builder.Logging.AddProvider(log) });
        env.Origin.On(method, "/x", _ => Reply.Exactly(bytes));
        await using var client = await env.ConnectAsync();
        await client.SendAsync(method, "/x", [], method == "POST" ? "x" : null);
        await client.ReadAsync(method);

        await Deadline.Until(() => Task.FromResult(log.Lines.Any(line => line.Contains(words, StringComparison.Ordinal))), "the line");
    }

    [Fact]
    [Fault("F-30", "The log of an origin that fails, where the client has its answer and leaves before the fetch is over: it is told all the same")]
    public async Task Failure_IsTold_ThoughItsClientIsGone()
    {
        var log = new KeptLog();
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Configure = builder =>
            {
                builder.Logging.AddProvider(log);
                builder.Services.AddSingleton<ITransformProvider, EndsWhenNobodyWaits>();
            },
        });
        env.Origin.Get("/x", Reply.Exactly("", ReplyEnding.Reset));

        Assert.Equal(502, (await env.GetAsync("/x")).Status);

        await Deadline.Until(() => Task.FromResult(log.Lines.Any(line => line.Contains("could not answer", StringComparison.Ordinal))), "the line");
    }

    private sealed class EndsWhenNobodyWaits : ITransformProvider
    {
        public void Apply(TransformBuilderContext context) => context.AddRequestTransform(transform =>
        {
            transform.HttpContext.Response.OnCompleted(() => Deadline.Within(Aborted(transform.HttpContext), "nobody waits any more"));
            return ValueTask.CompletedTask;
        });

        public void ValidateRoute(TransformRouteValidationContext context)
        {
        }

        public void ValidateCluster(TransformClusterValidationContext context)
        {
        }

        private static Task Aborted(HttpContext context)
        {
            var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            context.RequestAborted.UnsafeRegister(static aborted => ((TaskCompletionSource)aborted!).SetResult(), aborted);
            return aborted.Task;
        }
    }

    /// <summary>Probes go on for as long as it is away: that it is, is told when it is found out, and not by each of them.</summary>
    [Fact]
    [Fault("F-30", "Probes of a destination that is not there: one line that it is unhealthy, and no stack for each")]
    public async Task Probes_OfADestinationThatIsNotThere_AreToldOnce()
    {
        var log = new KeptLog();
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Configuration = _ => $$"""
                {
                  "ReverseProxy": {
                    "Routes": { "r": { "ClusterId": "c", "Match": { "Path": "/{**rest}" } } },
                    "Clusters": {
                      "c": {
                        "HealthCheck": { "Active": { "Enabled": true, "Interval": "00:00:05", "Timeout": "00:00:02", "Path": "/health" } },
                        "Destinations": { "d": { "Address": "http://127.0.0.1:9" } }
                      }
                    }
                  }
                }
                """,
            Configure = builder => builder.Logging.AddProvider(log),
        });

        await Deadline.Until(
            () =>
            {
                env.Time.AdvanceSeconds(5);
                return Task.FromResult(log.Lines.Any(line => line.Contains("unhealthy", StringComparison.OrdinalIgnoreCase)));
            },
            "the line");

        Assert.DoesNotContain(log.Of("Yarp.ReverseProxy.Health"), entry => entry.Exception is not null);
    }

    /// <summary>An outage must not fill the log by the requests that come meanwhile, nor must a client by what it makes up.</summary>
    [Theory]
    [Fault("F-30", "Requests while no destination is healthy, or with a value of session affinity that is none: no line of the proxy's for each")]
    [InlineData("""HealthCheck": { "Active": { "Enabled": true, "Interval": "00:00:05", "Timeout": "00:00:02", "Path": "/health" }, "AvailableDestinationsPolicy": "HealthyAndUnknown" }""", "X-No: cookie", true)]
    [InlineData("""SessionAffinity": { "Enabled": true, "Policy": "Cookie", "AffinityKeyName": "x" }""", "Cookie: x=garbage", false)]
    [InlineData("""SessionAffinity": { "Enabled": true, "Policy": "CustomHeader", "AffinityKeyName": "X-Bound" }""", "X-Bound: Z2FyYmFnZQ==", false)]
    [InlineData("""SessionAffinity": { "Enabled": true, "Policy": "ArrCookie", "AffinityKeyName": "x" }""", "Cookie: x=garbage", false)]
    public async Task RequestsThatFindNoDestination_AreNotToldEach(string member, string line, bool isAway)
    {
        var log = new KeptLog();
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Configuration = origin => $$"""
                { "ReverseProxy": {
                    "Routes": { "r": { "ClusterId": "c", "Match": { "Path": "/{**rest}" } } },
                    "Clusters": { "c": { "{{member}}, "Destinations": { "d": { "Address": "{{(isAway ? "http://127.0.0.1:9" : origin)}}" } } } } } }
                """,
            Configure = builder => builder.Logging.AddProvider(log),
        });
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: no-store"));
        Assert.True(env.Services.GetRequiredService<IProxyStateLookup>().TryGetCluster("c", out var cluster));
        await Deadline.Until(
            () =>
            {
                env.Time.AdvanceSeconds(5);
                return Task.FromResult(isAway == (cluster.DestinationsState.AvailableDestinations.Count == 0));
            },
            "it is found out");
        var before = log.Of("Yarp").Count;

        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(isAway, (await env.GetAsync("/x", line)).Status >= 500);
        }

        Assert.Equal([], log.Of("Yarp").Skip(before).Select(entry => entry.Line));
        Assert.Equal(isAway, log.Lines.Any(entry => entry.Contains("could not answer", StringComparison.Ordinal)));
    }

    /// <summary>A mistake in what runs beside the requests must not be silent because it stops nothing.</summary>
    [Fact]
    public async Task BackgroundServiceThatFails_IsTold_AndTheGatewayGoesOn()
    {
        var log = new KeptLog();
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Configure = builder =>
            {
                builder.Logging.AddProvider(log);
                builder.Services.AddHostedService<Failing>();
            },
        });
        env.Origin.Get("/x", Reply.Ok("x"));
        env.Services.GetServices<IHostedService>().OfType<Failing>().Single().Fail.SetResult();

        await Deadline.Until(() => Task.FromResult(log.Of("Microsoft.Extensions.Hosting").Any(entry => entry.Exception is NotSupportedException)), "the line");
        Assert.Equal(200, (await env.GetAsync("/x")).Status);
    }

    private sealed class Failing : BackgroundService
    {
        public TaskCompletionSource Fail { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await Fail.Task;
            throw new NotSupportedException();
        }
    }

    [Fact]
    public async Task Loop_IsToldInOneLine()
    {
        await using var origin = ScriptedOrigin.Start(TimeProvider.System);
        origin.Get("/x", Reply.Ok("x", "Cache-Control: no-store"));
        await using var gateway = await GatewayProcess.StartAsync(origin.Address);
        await using var client = await gateway.ConnectAsync();
        Assert.Equal(200, (await client.GetAsync("/x")).Status);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(508, (await client.GetAsync("/x", $"CDN-Loop: {origin.Last("/x").Header("CDN-Loop")}")).Status);
        }

        await Deadline.Until(() => Task.FromResult(gateway.Lines.Any(line => line.Contains("came back to this gateway", StringComparison.Ordinal))), "the line");
    }
}
