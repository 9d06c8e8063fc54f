using System.Globalization;
using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>What the caching rules read from a response; parsed once from its field lines.</summary>
public sealed class ResponseFacts
{
    public required int Status { get; init; }

    public required HeaderField[] Headers { get; init; }

    /// <summary>The directives in force: those of the first valid targeted field, else of Cache-Control (RFC 9213 2.2).</summary>
    public required ResponseDirectives Directives { get; init; }

    /// <summary>A targeted field is in force: Cache-Control and Expires say nothing to this cache.</summary>
    public bool IsTargeted { get; init; }

    public DateTimeOffset? Date { get; init; }

    public DateTimeOffset? LastModified { get; init; }

    public bool HasExpires { get; init; }

    /// <summary>Null with <see cref="HasExpires"/>: not a date, hence already expired (RFC 9111 5.3).</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Age as received (RFC 9111 5.1); 0 when absent or not a number.</summary>
    public long AgeSeconds { get; init; }

    public string? ETag { get; init; }

    public bool VaryStar { get; init; }

    /// <summary>Names in Vary, each once, as first written.</summary>
    public IReadOnlyList<string> VaryNames { get; init; } = [];

    public bool HasSetCookie { get; init; }

    public long? ContentLength { get; init; }

    public string? ContentType { get; init; }

    public string? AllowOrigin { get; init; }

    /// <summary>Content-Range of a 206, or null.</summary>
    public PartialContent? Range { get; init; }

    /// <param name="status">Status code.</param>
    /// <param name="headers">End-to-end field lines.</param>
    /// <param name="targetedNames">Targeted fields for this cache, the most specific first.</param>
    public static ResponseFacts From(int status, HeaderField[] headers, IReadOnlyList<string> targetedNames)
    {
        ArgumentNullException.ThrowIfNull(headers);
        ArgumentNullException.ThrowIfNull(targetedNames);
        ResponseDirectives? targeted = null;
        foreach (var name in targetedNames)
        {
            var lines = Lines(headers, name);
            targeted ??= lines.Count == 0 ? null : TargetedCacheControl.Parse(string.Join(", ", lines));
        }

        var expires = Lines(headers, "Expires");
        var vary = Lines(headers, "Vary").SelectMany(line => line.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToList();
        var contentType = First(headers, "Content-Type");
        return new ResponseFacts
        {
            Status = status,
            Headers = headers,
            Directives = targeted ?? ResponseDirectives.Parse(Lines(headers, "Cache-Control")),
            IsTargeted = targeted is not null,
            Date = HttpDate.Parse(First(headers, "Date")),
            LastModified = HttpDate.Parse(First(headers, "Last-Modified")),
            HasExpires = targeted is null && expires.Count > 0,
            // Several lines are no date: RFC 9111 4.2.1 asks to take the response as stale when what it says cannot be read.
            Expires = expires.Count == 1 ? HttpDate.Parse(expires[0]) : null,
            AgeSeconds = AgeOf(First(headers, "Age")),
            ETag = ETagOf(First(headers, "ETag")),
            VaryStar = vary.Contains("*", StringComparer.Ordinal),
            VaryNames = vary.Distinct(StringComparer.OrdinalIgnoreCase).ToList(),
            HasSetCookie = First(headers, "Set-Cookie") is not null || First(headers, "Set-Cookie2") is not null,
            ContentLength = First(headers, "Content-Length") is { } length ? DeltaLength(length) : null,
            ContentType = contentType,
            AllowOrigin = First(headers, "Access-Control-Allow-Origin"),
            Range = status == 206 ? ContentRangeOf(First(headers, "Content-Range")) : null,
        };
    }

    private static List<string> Lines(HeaderField[] headers, string name)
    {
        var lines = new List<string>();
        foreach (var field in headers)
        {
            if (field.Is(name))
            {
                lines.Add(field.Value);
            }
        }

        return lines;
    }

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

    /// <summary>RFC 9111 5.1: the first member of a list that should be none; not a number = ignored.</summary>
    private static long AgeOf(string? value)
    {
        if (value is null)
        {
            return 0;
        }

        var comma = value.IndexOf(',', StringComparison.Ordinal);
        return DeltaSeconds.Parse((comma < 0 ? value.AsSpan() : value.AsSpan(0, comma)).Trim(" \t")) ?? 0;
    }

    /// <summary>An entity tag that can be sent back; one without its quotes is kept as it came, so that the origin recognises it.</summary>
    private static string? ETagOf(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();

    private static long? DeltaLength(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : null;

    /// <summary>bytes first-last/total (RFC 9110 14.4).</summary>
    private static PartialContent? ContentRangeOf(string? value)
    {
        if (value is null || !value.StartsWith("bytes ", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var text = value.AsSpan(6).Trim(' ');
        var dash = text.IndexOf('-');
        var slash = text.IndexOf('/');
        if (dash <= 0 || slash < dash
            || !long.TryParse(text[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            || !long.TryParse(text[(dash + 1)..slash], NumberStyles.None, CultureInfo.InvariantCulture, out var last))
        {
            return null;
        }

        long? total = null;
        if (text[(slash + 1)..] is not "*")
        {
            if (!long.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var known))
            {
                return null;
            }

            total = known;
        }

        return first <= last && (total is null || last < total) ? new PartialContent(first, last, total) : null;
    }
}
