namespace CacheGateway.Http;

/// <summary>Gathers response directives one by one, whichever syntax they came in; of repeated ones the strictest wins (RFC 9111 4.2.1).</summary>
internal sealed class DirectiveCollector
{
    private readonly List<string> _noCacheFields = [];
    private readonly List<string> _privateFields = [];
    private ResponseDirectives _found = ResponseDirectives.None;

    public void Add(ReadOnlySpan<char> name, bool hasValue, ReadOnlySpan<char> value)
    {
        Span<char> lower = stackalloc char[32];
        if (name.Length > lower.Length)
        {
            return;
        }

        name.ToLowerInvariant(lower);
        _found = lower[..name.Length] switch
        {
            "no-store" => _found with { NoStore = true },
            "no-cache" => Qualified(hasValue, value, _noCacheFields) ? _found with { NoCache = true } : _found,
            "private" => Qualified(hasValue, value, _privateFields) ? _found with { Private = true } : _found,
            "public" => _found with { Public = true },
            "must-revalidate" => _found with { MustRevalidate = true },
            "proxy-revalidate" => _found with { ProxyRevalidate = true },
            "must-understand" => _found with { MustUnderstand = true },
            "immutable" => _found with { Immutable = true },
            "max-age" => _found with { MaxAge = Lifetime(_found.MaxAge, value) },
            "s-maxage" => _found with { SMaxAge = Lifetime(_found.SMaxAge, value) },
            "stale-while-revalidate" => _found with { StaleWhileRevalidate = Lifetime(_found.StaleWhileRevalidate, value) },
            "stale-if-error" => _found with { StaleIfError = Lifetime(_found.StaleIfError, value) },
            _ => _found,
        };
    }

    public ResponseDirectives ToDirectives() =>
        _noCacheFields.Count + _privateFields.Count == 0 ? _found : _found with { NoCacheFields = _noCacheFields, PrivateFields = _privateFields };

    /// <summary>RFC 9111 4.2.1: what cannot be read makes the response stale, never fresh.</summary>
    private static long Lifetime(long? before, ReadOnlySpan<char> value) => Math.Min(before ?? long.MaxValue, DeltaSeconds.Parse(value) ?? 0);

    /// <summary>True for the unqualified form; otherwise the named fields are added. An empty list is taken as unqualified.</summary>
    private static bool Qualified(bool hasValue, ReadOnlySpan<char> value, List<string> fields)
    {
        if (!hasValue)
        {
            return true;
        }

        var before = fields.Count;
        foreach (var range in value.Split(','))
        {
            var field = value[range].Trim(" \t");
            if (!field.IsEmpty)
            {
                fields.Add(field.ToString());
            }
        }

        return fields.Count == before;
    }
}
