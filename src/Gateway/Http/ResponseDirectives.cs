using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>Cache-Control of a response (RFC 9111 5.2.2, RFC 5861), as far as a shared cache goes by it. Values are seconds.</summary>
public sealed record ResponseDirectives
{
    public static readonly ResponseDirectives None = new();

    /// <summary>Longer lines are read each time.</summary>
    private const int LongestKnown = 256;

    private static readonly SharedTable<KnownLine> Known = new();

    public bool NoStore { get; init; }

    /// <summary>no-cache without field names.</summary>
    public bool NoCache { get; init; }

    /// <summary>private without field names.</summary>
    public bool Private { get; init; }

    public bool Public { get; init; }

    public bool MustRevalidate { get; init; }

    public bool ProxyRevalidate { get; init; }

    public bool MustUnderstand { get; init; }

    /// <summary>It does not change while it is fresh (RFC 8246).</summary>
    public bool Immutable { get; init; }

    /// <summary>Fields that must not be reused without validation (5.2.2.4).</summary>
    public string[] NoCacheFields { get; init; } = [];

    /// <summary>Fields that a shared cache must not store (5.2.2.7).</summary>
    public string[] PrivateFields { get; init; } = [];

    public long? MaxAge { get; init; }

    public long? SMaxAge { get; init; }

    public long? StaleWhileRevalidate { get; init; }

    public long? StaleIfError { get; init; }

    /// <summary>
    /// All lines count as one list. Duplicates count by the strictest; a lifetime that cannot be read is 0, as RFC 9111 4.2.1 encourages,
    /// never absent, so that no heuristic takes its place. Unknown directives are ignored. Never throws.
    /// </summary>
    public static ResponseDirectives Parse(IEnumerable<string> cacheControlLines)
    {
        ArgumentNullException.ThrowIfNull(cacheControlLines);
        ResponseDirectivesBuilder? builder = null;
        foreach (var line in cacheControlLines)
        {
            builder ??= new ResponseDirectivesBuilder();
            builder.AddLine(line);
        }

        return builder?.Build() ?? None;
    }

    /// <summary>Of one line, or none. Origins say the same again and again: what was read lately is not read once more.</summary>
    public static ResponseDirectives OfLine(string? line)
    {
        if (line is null)
        {
            return None;
        }

        var hash = string.GetHashCode(line);
        if (Known.Find(hash, line, static (known, line) => known.Line == line) is { } found)
        {
            return found.Directives;
        }

        var directives = Parse([line]);
        if (line.Length <= LongestKnown)
        {
            Known.Add(hash, new KnownLine(line, directives));
        }

        return directives;
    }

    private sealed record KnownLine(string Line, ResponseDirectives Directives);
}
