using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>What a gateway in this process writes to its log, by its own filters.</summary>
internal sealed class KeptLog : ILoggerProvider
{
    private readonly ConcurrentQueue<(string Category, string Line, Exception? Exception)> _entries = new();

    /// <summary>The oldest first, without exceptions.</summary>
    public IReadOnlyList<string> Lines => [.. _entries.Select(entry => entry.Line)];

    /// <summary>Those of a category and of what is below it.</summary>
    public IReadOnlyList<(string Line, Exception? Exception)> Of(string category) =>
        [.. _entries.Where(entry => entry.Category.StartsWith(category, StringComparison.Ordinal)).Select(entry => (entry.Line, entry.Exception))];

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void Dispose()
    {
        // Nothing is held.
    }

    private sealed class Category(KeptLog log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log._entries.Enqueue((name, formatter(state, exception), exception));
    }
}
