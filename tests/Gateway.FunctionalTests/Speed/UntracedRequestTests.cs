using System.Collections.Concurrent;
using System.Diagnostics;
using CacheGateway.FunctionalTests.Promises;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CacheGateway.FunctionalTests.Speed;

public sealed class UntracedRequestTests
{
    /// <summary>The server makes an activity for each request where anything is logged; here it would be made, tagged and thrown away for every hit.</summary>
    [Fact]
    public async Task Requests_ThatNobodyTraces_HaveNoActivity_ThoughThereIsALog()
    {
        var seen = new Activities();
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Configure = builder =>
            {
                builder.Logging.AddProvider(new AnyLog());
                builder.Services.AddSingleton<IStartupFilter>(seen);
            },
        });
        env.Origin.Get("/x", Reply.Ok("x", Numbered.Fresh));

        CacheAssert.Miss(await env.GetAsync("/x"));
        CacheAssert.Hit(await env.GetAsync("/x", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));

        Assert.Equal([null, null], seen.Of("/x"));
    }

    /// <summary>Stands first in the pipeline.</summary>
    private sealed class Activities : IStartupFilter
    {
        private readonly ConcurrentQueue<(string Path, string? Activity)> _seen = new();

        public IEnumerable<string?> Of(string path) => _seen.Where(one => one.Path == path).Select(one => one.Activity);

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, rest) =>
            {
                _seen.Enqueue((context.Request.Path.Value!, Activity.Current?.OperationName));
                return rest(context);
            });
            next(app);
        };
    }

    private sealed class AnyLog : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            // What is logged is not asked here, only whether there is a log.
        }

        public void Dispose()
        {
        }
    }
}
