using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>What the caching rules need to know of an origin's response; parsed once.</summary>
public sealed class ResponseFacts
{
    private ResponseFacts()
    {
    }

    public required int Status { get; init; }

    public required HeaderField[] Headers { get; init; }

    /// <summary>The directives that hold: of the first valid targeted field, else of Cache-Control.</summary>
    public required ResponseDirectives Directives { get; init; }

    /// <summary>A targeted field took the place of Cache-Control and Expires (RFC 9213 2.2).</summary>
    public required bool Targeted { get; init; }

    public DateTimeOffset? Date { get; private init; }

    public DateTimeOffset? LastModified { get; private init; }

    public bool HasExpires { get; private init; }

    /// <summary>Null beside <see cref="HasExpires"/>: not a date, or several lines; both mean "already expired" (RFC 9111 5.3).</summary>
    public DateTimeOffset? Expires { get; private init; }

    /// <summary>RFC 9111 5.1: the first member of the first line; 0 when that is no non-negative integer.</summary>
    public long AgeSeconds { get; private init; }

    public string? ETag { get; private init; }

    /// <summary>Vary has a member "*", or one that is no field name and therefore cannot be compared.</summary>
    public bool VaryStar { get; private init; }

    public string[] VaryNames { get; private init; } = [];

    public bool HasSetCookie { get; private init; }

    public long? ContentLength { get; private init; }

    public string? ContentType { get; private init; }

    public string? ContentEncoding { get; private init; }

    /// <summary>Content-Range of a 206; null when there is none or it does not parse.</summary>
    public PartialContent? Range { get; private init; }

    public string? AllowOrigin { get; private init; }

    public static ResponseFacts From(int status, HeaderField[] headers, IReadOnlyList<string> targetedNames)
    {
        ArgumentNullException.ThrowIfNull(headers);
        ArgumentNullException.ThrowIfNull(targetedNames);
        var targeted = Targets(headers, targetedNames);
        var vary = Vary(headers, out var star);
        var length = Position.Parse(Single(headers, "Content-Length"));
        return new ResponseFacts
        {
            Status = status,
            Headers = headers,
            Directives = targeted ?? ResponseDirectives.Parse(Lines(headers, "Cache-Control")),
            Targeted = targeted is not null,
            Date = SingleDate(headers, "Date"),
            LastModified = SingleDate(headers, "Last-Modified"),
            HasExpires = targeted is null && First(headers, "Expires") is not null,
            Expires = targeted is null ? SingleDate(headers, "Expires") : null,
            AgeSeconds = Age(First(headers, "Age")),
            ETag = Single(headers, "ETag") is { Length: > 0 } tag ? tag : null,
            VaryStar = star,
            VaryNames = vary,
            HasSetCookie = First(headers, "Set-Cookie") is not null,
            ContentLength = length < 0 ? null : length,
            ContentType = First(headers, "Content-Type"),
            ContentEncoding = First(headers, "Content-Encoding"),
            Range = status == 206 ? ContentRange.Parse(Single(headers, "Content-Range")) : null,
            AllowOrigin = First(headers, "Access-Control-Allow-Origin"),
        };
    }

    private static ResponseDirectives? Targets(HeaderField[] headers, IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            if (First(headers, name) is not null && TargetedCacheControl.Parse(string.Join(", ", Lines(headers, name))) is { } directives)
            {
                return directives;
            }
        }

        return null;
    }

    private static string[] Vary(HeaderField[] headers, out bool star)
    {
        star = false;
        List<string>? names = null;
        foreach (var line in Lines(headers, "Vary"))
        {
            foreach (var name in line.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                star |= name == "*" || !Tokens.IsToken(name);
                names ??= [];
                if (!names.Contains(name, StringComparer.OrdinalIgnoreCase))
                {
                    names.Add(name);
                }
            }
        }

        return star || names is null ? [] : [.. names];
    }

    private static long Age(string? line)
    {
        var first = line.AsSpan();
        var comma = first.IndexOf(',');
        return Math.Max(0, DeltaSeconds.Parse((comma < 0 ? first : first[..comma]).Trim(" \t")));
    }

    private static IEnumerable<string> Lines(HeaderField[] headers, string name) =>
        from field in headers where field.Is(name) select field.Value;

    private static string? First(HeaderField[] headers, string name)
    {
        foreach (var field in headers)
        {
            if (field.Is(name))
            {
                return field.Value;
            }
        }

        return null;
    }

    /// <summary>The value of a field that must not repeat; null when it is absent or its lines differ.</summary>
    private static string? Single(HeaderField[] headers, string name)
    {
        string? value = null;
        foreach (var field in headers)
        {
            if (field.Is(name))
            {
                if (value is not null && value != field.Value.Trim())
                {
                    return null;
                }

                value = field.Value.Trim();
            }
        }

        return value;
    }

    private static DateTimeOffset? SingleDate(HeaderField[] headers, string name)
    {
        string? only = null;
        foreach (var field in headers)
        {
            if (field.Is(name))
            {
                if (only is not null)
                {
                    return null;
                }

                only = field.Value;
            }
        }

        return only is null ? null : HttpDate.Parse(only);
    }
}
