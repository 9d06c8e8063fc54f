using System.Buffers;

namespace CacheGateway.Model;

/// <summary>
/// A parsed path template ("/api/products/{id}"; "{id:int}" takes digits alone). It matches the raw path byte for byte: nothing is decoded,
/// no delimiter but "/" means anything, so that a request never takes a policy by another path than the one that is forwarded.
/// </summary>
public sealed class PathTemplate
{
    private const string IntConstraint = ":int";

    private static readonly SearchValues<char> SegmentCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@%");

    private readonly Segment[] _segments;

    private PathTemplate(string text, Segment[] segments)
    {
        Text = text;
        _segments = segments;
    }

    private enum Kind
    {
        Literal,
        Digits,
        Value,
        Rest,
    }

    public string Text { get; }

    public IEnumerable<string> Names => _segments.Where(segment => segment.Kind != Kind.Literal).Select(segment => segment.Text);

    /// <summary>Orders templates from most to least specific: literals before digits before values before rest, segment by segment; longer first.</summary>
    public static int CompareSpecificity(PathTemplate? left, PathTemplate? right)
    {
        var order = CompareShared(left, right);
        return order != 0 || left is null || right is null ? order : right._segments.Length.CompareTo(left._segments.Length);
    }

    /// <summary>As <see cref="CompareSpecificity"/>, by the segments that both have.</summary>
    public static int CompareShared(PathTemplate? left, PathTemplate? right)
    {
        if (left is null || right is null)
        {
            return (left is null ? 1 : 0) - (right is null ? 1 : 0);
        }

        for (var i = 0; i < Math.Min(left._segments.Length, right._segments.Length); i++)
        {
            var order = left._segments[i].Kind.CompareTo(right._segments[i].Kind);
            if (order != 0)
            {
                return order;
            }
        }

        return 0;
    }

    /// <summary>Parses a template; <paramref name="error"/> says what is wrong and what would be right.</summary>
    public static PathTemplate? TryParse(string text, out string? error) => TryParse(text, isFolded: false, out error);

    private static PathTemplate? TryParse(string text, bool isFolded, out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        error = null;
        if (!text.StartsWith('/'))
        {
            error = "must start with \"/\"";
            return null;
        }

        if (text.AsSpan().ContainsAny('?', '#'))
        {
            error = "must not contain a query or a fragment; use \"query\" beside \"path\"";
            return null;
        }

        var parts = text[1..].Split('/');
        var segments = new Segment[parts.Length];
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < parts.Length; i++)
        {
            var part = parts[i];
            if (!part.AsSpan().ContainsAny('{', '}'))
            {
                // Folded, a percent sign may stand alone.
                if (!isFolded && !IsRawSegment(part))
                {
                    error = $"segment \"{part}\" holds what no raw path can; write it as it is sent, percent-encoded";
                    return null;
                }

                segments[i] = new Segment(Kind.Literal, part);
                continue;
            }

            var rest = part.StartsWith("{*", StringComparison.Ordinal);
            var name = part.EndsWith('}') && part.StartsWith('{') ? part[(rest ? 2 : 1)..^1] : "";
            var digits = !rest && name.EndsWith(IntConstraint, StringComparison.Ordinal);
            name = digits ? name[..^IntConstraint.Length] : name;
            if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
            {
                error = $"segment \"{part}\" must be a literal, {{name}}, {{name:int}} or {{*name}}, alone between slashes";
                return null;
            }

            if (rest && i != parts.Length - 1)
            {
                error = $"\"{part}\" takes the rest of the path and must be the last segment";
                return null;
            }

            if (!names.Add(name))
            {
                error = $"the name \"{name}\" stands twice";
                return null;
            }

            segments[i] = new Segment(rest ? Kind.Rest : digits ? Kind.Digits : Kind.Value, name);
        }

        return new PathTemplate(text, segments);
    }

    /// <summary>
    /// Where <paramref name="path"/> names one of several things ("/api/products/7" under "/api/products/{id}"): the path of the list that could hold
    /// it ("/api/products"), with or without a slash at the end of both. Null where the last segment is no single value.
    /// </summary>
    public string? ListOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var isClosed = _segments.Length > 1 && _segments[^1] is { Kind: Kind.Literal, Text: "" };
        var last = _segments[isClosed ? ^2 : ^1].Kind;
        var end = isClosed && path.Length > 1 ? path.LastIndexOf('/', path.Length - 2) : path.LastIndexOf('/');
        return end > 0 && last is Kind.Value or Kind.Digits && IsMatch(path) ? path[..end] : null;
    }

    /// <summary>Whether <paramref name="path"/> (raw, no query) matches. A value never takes an empty segment.</summary>
    public bool IsMatch(ReadOnlySpan<char> path) => Walk(path, null);

    /// <summary>Whether both match exactly the same paths, whatever their holes are called.</summary>
    public bool TakesTheSameAs(PathTemplate other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return _segments.Length == other._segments.Length
            && _segments.Zip(other._segments).All(pair => pair.First.Kind == pair.Second.Kind && (pair.First.Kind != Kind.Literal || pair.First.Text == pair.Second.Text));
    }

    /// <summary>The values bound by name, or null when the path does not match.</summary>
    public IReadOnlyDictionary<string, string>? Bind(ReadOnlySpan<char> path)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        return Walk(path, values) ? values : null;
    }

    /// <summary>The template that takes the <see cref="PathSpelling.Fold"/> of every path that this one takes.</summary>
    public PathTemplate Folded()
    {
        var text = string.Join('/', Text.Split('/').Select(part => part.Contains('{', StringComparison.Ordinal) ? part : PathSpelling.Fold(part)));
        while (text.Contains("//", StringComparison.Ordinal))
        {
            text = text.Replace("//", "/", StringComparison.Ordinal);
        }

        return text == Text ? this : TryParse(text, isFolded: true, out _) ?? this;
    }

    public override string ToString() => Text;

    private bool Walk(ReadOnlySpan<char> path, Dictionary<string, string>? values)
    {
        if (path.IsEmpty || path[0] != '/')
        {
            return false;
        }

        path = path[1..];
        for (var i = 0; i < _segments.Length; i++)
        {
            var segment = _segments[i];
            if (segment.Kind == Kind.Rest)
            {
                values?.Add(segment.Text, path.ToString());
                return true;
            }

            var slash = path.IndexOf('/');
            var last = i == _segments.Length - 1;
            if (last != slash < 0)
            {
                return false;
            }

            var part = slash < 0 ? path : path[..slash];
            if (!Takes(segment, part))
            {
                return false;
            }

            if (segment.Kind != Kind.Literal)
            {
                values?.Add(segment.Text, part.ToString());
            }

            path = slash < 0 ? [] : path[(slash + 1)..];
        }

        return true;
    }

    private static bool Takes(Segment segment, ReadOnlySpan<char> part) => segment.Kind switch
    {
        Kind.Literal => part.SequenceEqual(segment.Text),
        Kind.Digits => AreDigits(part),
        _ => !part.IsEmpty,
    };

    private static bool AreDigits(ReadOnlySpan<char> part)
    {
        // The span's own search allocates until the runtime has optimised it, which a match must never do.
        foreach (var c in part)
        {
            if (!char.IsAsciiDigit(c))
            {
                return false;
            }
        }

        return !part.IsEmpty;
    }

    /// <summary>RFC 3986 3.3: pchar alone, a percent sign only before two hex digits.</summary>
    private static bool IsRawSegment(string part)
    {
        for (var i = part.IndexOf('%', StringComparison.Ordinal); i >= 0; i = part.IndexOf('%', i + 1))
        {
            if (i + 2 >= part.Length || !char.IsAsciiHexDigit(part[i + 1]) || !char.IsAsciiHexDigit(part[i + 2]))
            {
                return false;
            }
        }

        return !part.AsSpan().ContainsAnyExcept(SegmentCharacters);
    }

    private readonly record struct Segment(Kind Kind, string Text);
}
