using System.Text.RegularExpressions;

namespace CacheGateway.FunctionalTests.Attacks;

/// <summary>One gateway for all rows of a class, so that hundreds of them cost one start; each row has a path of its own.</summary>
public sealed partial class SharedGateway : IAsyncLifetime
{
    private int _pages;
    private int _messages;

    internal GatewayEnvironment Environment { get; private set; } = null!;

    /// <summary>A path that no other row asks for, answered by <paramref name="handler"/>.</summary>
    internal string Page(Func<OriginRequest, Reply> handler)
    {
        var path = $"/page{Interlocked.Increment(ref _pages)}";
        Environment.Origin.On(null, path, handler);
        return path;
    }

    /// <summary>
    /// The message is refused (<see cref="Wire.IsRefusedAsync(GatewayEnvironment, string, int[])"/>), and nothing of it reaches the origin. Its paths are of its
    /// own, so that what one row lets through is held against that row and no other; a smuggled one keeps its length, which the message may tell.
    /// </summary>
    internal Task RefusesAsync(string message, params int[] statuses)
    {
        var mark = Mark();
        return RefusesAsync(message, mark, path => path.Contains(mark, StringComparison.Ordinal), statuses);
    }

    /// <summary>The same for a fault in the body, of which the origin may have the beginning before it comes.</summary>
    internal Task RefusesBodyAsync(string message, params int[] statuses)
    {
        var mark = Mark();
        return RefusesAsync(message, mark, path => path.Contains(mark, StringComparison.Ordinal) && path != $"/a{mark}", statuses);
    }

    public async ValueTask InitializeAsync() => Environment = await Wire.StartAsync();

    public ValueTask DisposeAsync() => Environment.DisposeAsync();

    private string Mark() => $"{Interlocked.Increment(ref _messages):D7}";

    private Task RefusesAsync(string message, string mark, Func<string, bool> isOurs, int[] statuses)
    {
        string Own(string text) => Paths().Replace(text, path => path.Value == "/smuggled" ? $"/s{mark}" : path.Value + mark);
        return Wire.IsRefusedAsync(Environment, Own(message), Own(Wire.Probe), isOurs, statuses);
    }

    /// <summary>The targets that refused messages are written with.</summary>
    [GeneratedRegex("/(?:smuggled|probe|a)(?![a-z])")]
    private static partial Regex Paths();
}
