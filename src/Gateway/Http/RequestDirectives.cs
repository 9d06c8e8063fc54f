namespace CacheGateway.Http;

/// <summary>Cache-Control of a request (RFC 9111 5.2.1), with Pragma where there is no Cache-Control (5.4). Times in seconds.</summary>
public readonly record struct RequestDirectives
{
    public bool NoCache { get; init; }

    public bool NoStore { get; init; }

    public bool OnlyIfCached { get; init; }

    public long? MaxAge { get; init; }

    public long? MinFresh { get; init; }

    /// <summary>max-stale without an argument takes any staleness: <see cref="long.MaxValue"/>.</summary>
    public long? MaxStale { get; init; }

    public static RequestDirectives Parse(string? cacheControl, string? pragma)
    {
        if (cacheControl is null)
        {
            return pragma is null ? default : new RequestDirectives { NoCache = HasNoCache(pragma) };
        }

        bool noCache = false, noStore = false, onlyIfCached = false;
        long? maxAge = null, minFresh = null, maxStale = null;
        var reader = new DirectiveReader(cacheControl);
        while (reader.Read())
        {
            if (Is(reader.Name, "no-cache"))
            {
                noCache = true;
            }
            else if (Is(reader.Name, "no-store"))
            {
                noStore = true;
            }
            else if (Is(reader.Name, "only-if-cached"))
            {
                onlyIfCached = true;
            }
            else if (Is(reader.Name, "max-age"))
            {
                // What cannot be read asks for the strictest: the client wanted a bound.
                maxAge = Math.Min(maxAge ?? long.MaxValue, DeltaSeconds.Parse(reader.Value) ?? 0);
            }
            else if (Is(reader.Name, "min-fresh"))
            {
                minFresh = Math.Max(minFresh ?? 0, DeltaSeconds.Parse(reader.Value) ?? 0);
            }
            else if (Is(reader.Name, "max-stale"))
            {
                var stale = reader.HasValue ? DeltaSeconds.Parse(reader.Value) : long.MaxValue;
                maxStale = stale is null ? maxStale : Math.Min(maxStale ?? long.MaxValue, stale.Value);
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
        };
    }

    private static bool HasNoCache(string pragma)
    {
        var reader = new DirectiveReader(pragma);
        while (reader.Read())
        {
            if (Is(reader.Name, "no-cache"))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Is(ReadOnlySpan<char> name, string directive) => name.Equals(directive, StringComparison.OrdinalIgnoreCase);
}
