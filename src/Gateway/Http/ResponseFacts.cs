using System.Collections.Frozen;
using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>What the caching rules need to know of an origin's response; parsed once.</summary>
public sealed class ResponseFacts
{
    /// <summary>The fields that <see cref="From"/> reads, beside targeted ones: whoever keeps these of a response can have it judged again.</summary>
    public static readonly FrozenSet<string> FieldsRead = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
    [
        "Age", "Date", "ETag", "Vary", "Expires", "Set-Cookie", "Cache-Control", "Last-Modified", "Content-Range", "Content-Length", "Content-Encoding", "Access-Control-Allow-Origin",
    ]);

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

    /// <summary>Null also for the first second of year 1, which is what a date that was never set is written as.</summary>
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

    /// <summary>Content-Range of a 206; null when there is none or it does not parse.</summary>
    public PartialContent? Range { get; private init; }

    public string? AllowOrigin { get; private init; }

    /// <summary>The body is in a content coding.</summary>
    public bool IsCoded { get; private init; }

    /// <summary>Only the end of the connection told where the body ends: one that broke off looks the same (RFC 9112 8).</summary>
    public bool IsCloseDelimited { get; private init; }

    public static ResponseFacts From(int status, HeaderField[] headers, IReadOnlyList<string> targetedNames, bool isCloseDelimited = false)
    {
        ArgumentNullException.ThrowIfNull(headers);
        ArgumentNullException.ThrowIfNull(targetedNames);
        FieldLines date = default, modified = default, expires = default, age = default, etag = default, cookie = default, length = default;
        FieldLines range = default, origin = default, coding = default;
        string? control = null;
        ResponseDirectivesBuilder? lines = null;
        List<string>? vary = null;
        var star = false;
        foreach (var field in headers)
        {
            switch (field.Name.Length)
            {
                case 3 when field.Is("Age"): age.Add(field.Value); break;
                case 4 when field.Is("Date"): date.Add(field.Value); break;
                case 4 when field.Is("ETag"): etag.Add(field.Value); break;
                case 4 when field.Is("Vary"): star |= AddNames(ref vary, field.Value); break;
                case 7 when field.Is("Expires"): expires.Add(field.Value); break;
                case 10 when field.Is("Set-Cookie"): cookie.Add(field.Value); break;
                case 13 when field.Is("Cache-Control"): AddLine(ref control, ref lines, field.Value); break;
                case 13 when field.Is("Last-Modified"): modified.Add(field.Value); break;
                case 13 when field.Is("Content-Range"): range.Add(field.Value); break;
                case 14 when field.Is("Content-Length"): length.Add(field.Value); break;
                case 16 when field.Is("Content-Encoding"): coding.Add(field.Value); break;
                case 27 when field.Is("Access-Control-Allow-Origin"): origin.Add(field.Value); break;
            }
        }

        var targeted = Targets(headers, targetedNames);
        var announced = Position.Parse(length.Same);
        return new ResponseFacts
        {
            Status = status,
            Headers = headers,
            Directives = targeted ?? lines?.Build() ?? ResponseDirectives.OfLine(control),
            Targeted = targeted is not null,
            Date = DateOf(date.Alone),
            LastModified = DateOf(modified.Alone) is { Ticks: > 0 } set ? set : null,
            HasExpires = targeted is null && expires.First is not null,
            Expires = targeted is null ? DateOf(expires.Alone) : null,
            AgeSeconds = Age(age.First),
            ETag = etag.Same is { Length: > 0 } tag ? tag : null,
            VaryStar = star,
            VaryNames = star || vary is null ? [] : [.. vary],
            HasSetCookie = cookie.First is not null,
            ContentLength = announced < 0 ? null : announced,
            Range = status == 206 ? ContentRange.Parse(range.Same) : null,
            AllowOrigin = origin.First,
            IsCoded = coding.First is { } first && !first.Trim().Equals("identity", StringComparison.OrdinalIgnoreCase),
            IsCloseDelimited = isCloseDelimited,
        };
    }

    /// <summary>Mostly there is one line, which was read before; several are read as one list.</summary>
    private static void AddLine(ref string? first, ref ResponseDirectivesBuilder? lines, string line)
    {
        if (first is null)
        {
            first = line;
            return;
        }

        if (lines is null)
        {
            lines = new();
            lines.AddLine(first);
        }

        lines.AddLine(line);
    }

    private static ResponseDirectives? Targets(HeaderField[] headers, IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            if (Joined(headers, name) is { } lines && TargetedCacheControl.Parse(lines) is { } directives)
            {
                return directives;
            }
        }

        return null;
    }

    /// <summary>All lines of a name as one list (RFC 9110 5.3); null where there is none.</summary>
    internal static string? Joined(HeaderField[] headers, string name)
    {
        string? joined = null;
        foreach (var field in headers)
        {
            if (field.Is(name))
            {
                joined = joined is null ? field.Value : string.Concat(joined, ", ", field.Value);
            }
        }

        return joined;
    }

    /// <summary>Takes the names of one line of Vary; true where one of them can never match.</summary>
    private static bool AddNames(ref List<string>? names, string line)
    {
        var star = false;
        foreach (var name in line.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            star |= name == "*" || !Tokens.IsToken(name);
            names ??= [];
            if (!names.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                names.Add(name);
            }
        }

        return star;
    }

    private static long Age(string? line)
    {
        var first = line.AsSpan();
        var comma = first.IndexOf(',');
        return Math.Max(0, DeltaSeconds.Parse((comma < 0 ? first : first[..comma]).Trim(" \t")));
    }

    private static DateTimeOffset? DateOf(string? line) => line is null ? null : HttpDate.Parse(line);

    /// <summary>The lines of one field that has one value, in three readings; each null where there is none.</summary>
    private struct FieldLines
    {
        private bool _repeats;
        private bool _differs;

        public string? First { get; private set; }

        /// <summary>The value where there is one line.</summary>
        public readonly string? Alone => _repeats ? null : First;

        /// <summary>The value where all lines say the same.</summary>
        public readonly string? Same => _differs ? null : First?.Trim();

        public void Add(string value)
        {
            if (First is null)
            {
                First = value;
                return;
            }

            _repeats = true;
            _differs |= !First.AsSpan().Trim().SequenceEqual(value.AsSpan().Trim());
        }
    }
}
