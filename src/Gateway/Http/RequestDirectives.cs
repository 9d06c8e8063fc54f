namespace CacheGateway.Http;

/// <summary>Cache-Control of a request (RFC 9111 5.2.1), and Pragma (5.4). Values are seconds.</summary>
public readonly record struct RequestDirectives
{
    public bool NoCache { get; init; }

    public bool NoStore { get; init; }

    public bool OnlyIfCached { get; init; }

    public long? MaxAge { get; init; }

    public long? MinFresh { get; init; }

    /// <summary>Seconds past the lifetime the client accepts; without a value: any (<see cref="long.MaxValue"/>).</summary>
    public long? MaxStale { get; init; }

    /// <summary>Seconds past the lifetime the client accepts when the origin fails (RFC 5861 4).</summary>
    public long? StaleIfError { get; init; }

    /// <summary>
    /// Duplicates count by the strictest. A number that is none is ignored: these directives only express wishes,
    /// and a wish that cannot be read must neither send everything to the origin nor allow stale answers.
    /// </summary>
    public static RequestDirectives Parse(string? cacheControl, string? pragma)
    {
        if (cacheControl is null)
        {
            return pragma is null ? default : new RequestDirectives { NoCache = Mentions(pragma, "no-cache") };
        }

        bool noCache = false, noStore = false, onlyIfCached = false;
        long? maxAge = null, minFresh = null, maxStale = null, staleIfError = null;
        var reader = new DirectiveReader(cacheControl);
        while (reader.Read())
        {
            if (reader.Is("no-cache"))
            {
                noCache = true;
            }
            else if (reader.Is("no-store"))
            {
                noStore = true;
            }
            else if (reader.Is("only-if-cached"))
            {
                onlyIfCached = true;
            }
            else if (reader.Is("max-age") && reader.Seconds() is >= 0 and var age)
            {
                maxAge = Math.Min(maxAge ?? long.MaxValue, age);
            }
            else if (reader.Is("min-fresh") && reader.Seconds() is >= 0 and var fresh)
            {
                minFresh = Math.Max(minFresh ?? 0, fresh);
            }
            else if (reader.Is("max-stale") && (reader.HasValue ? reader.Seconds() : long.MaxValue) is >= 0 and var stale)
            {
                maxStale = Math.Min(maxStale ?? long.MaxValue, stale);
            }
            else if (reader.Is("stale-if-error") && reader.Seconds() is >= 0 and var onError)
            {
                staleIfError = Math.Min(staleIfError ?? long.MaxValue, onError);
            }
        }

        return new RequestDirectives
        {
            NoCache = noCache,
            NoStore = noStore,
            OnlyIfCached = onlyIfCached,
            MaxAge = maxAge,
            MinFresh = minFresh,
            MaxStale = maxStale,
            StaleIfError = staleIfError,
        };
    }

    private static bool Mentions(string text, string directive)
    {
        var reader = new DirectiveReader(text);
        while (reader.Read())
        {
            if (reader.Is(directive))
            {
                return true;
            }
        }

        return false;
    }
}
