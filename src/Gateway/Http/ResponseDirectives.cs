namespace CacheGateway.Http;

/// <summary>Cache-Control of a response (RFC 9111 5.2.2, RFC 5861, RFC 8246). Times in seconds; of repeated directives the strictest holds.</summary>
public sealed record ResponseDirectives
{
    public static readonly ResponseDirectives None = new();

    public bool NoStore { get; init; }

    /// <summary>Unqualified no-cache.</summary>
    public bool NoCache { get; init; }

    /// <summary>Unqualified private.</summary>
    public bool Private { get; init; }

    public bool Public { get; init; }

    public bool MustRevalidate { get; init; }

    public bool ProxyRevalidate { get; init; }

    public bool MustUnderstand { get; init; }

    public bool Immutable { get; init; }

    /// <summary>Field names of a qualified no-cache.</summary>
    public IReadOnlyList<string> NoCacheFields { get; init; } = [];

    /// <summary>Field names of a qualified private.</summary>
    public IReadOnlyList<string> PrivateFields { get; init; } = [];

    public long? MaxAge { get; init; }

    public long? SMaxAge { get; init; }

    public long? StaleWhileRevalidate { get; init; }

    public long? StaleIfError { get; init; }

    public static ResponseDirectives Parse(IEnumerable<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var found = new DirectiveCollector();
        foreach (var line in lines)
        {
            var reader = new DirectiveReader(line);
            while (reader.Read())
            {
                found.Add(reader.Name, reader.HasValue, reader.Value);
            }
        }

        return found.ToDirectives();
    }
}
