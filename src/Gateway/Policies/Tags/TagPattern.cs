using CacheGateway.Model;

namespace CacheGateway.Policies.Tags;

/// <summary>A tag template taken apart: literals and holes (<c>product:{id}</c>). Serves to fill it in and to recognise tags made by it.</summary>
internal sealed class TagPattern
{
    /// <summary>The name of the hole that takes what a JSON path finds.</summary>
    public const string FoundHole = "";

    private TagPattern(string text, Part[] parts)
    {
        Text = text;
        Parts = parts;
    }

    public string Text { get; }

    public IReadOnlyList<Part> Parts { get; }

    public IEnumerable<string> Holes => Parts.Where(part => part.IsHole).Select(part => part.Text);

    /// <summary>Parses a template; <paramref name="error"/> says what would be right.</summary>
    public static TagPattern? TryParse(string text, out string? error)
    {
        var parts = new List<Part>();
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var isHole = rest[0] == '{';
            var end = rest.IndexOf(isHole ? '}' : '{');
            var part = isHole ? (end < 0 ? "{" : rest[1..end]) : end < 0 ? rest : rest[..end];
            if (!(isHole ? IsHoleName(part) : TagText.IsLiteral(part)))
            {
                error = "must be made of letters, digits, _ : . / - and holes such as {id}";
                return null;
            }

            parts.Add(new Part(isHole, part.ToString()));
            rest = end < 0 ? [] : rest[(isHole ? end + 1 : end)..];
        }

        error = parts.Count == 0 ? "must not be empty"
            : text.Length > TagText.MaxLength ? $"must not be longer than {TagText.MaxLength} characters"
            : null;
        return error is null ? new TagPattern(text, [.. parts]) : null;
    }

    /// <summary>A template that was validated when its file was read.</summary>
    public static TagPattern Parse(string text) => TryParse(text, out var error) ?? throw new FormatException($"\"{text}\" {error}");

    /// <summary>Every tag that the holes' values give, their encoding already done; none when a hole has no value.</summary>
    public IEnumerable<string> Fill(Func<string, IReadOnlyList<string>> valuesOf)
    {
        IEnumerable<string> filled = [""];
        foreach (var part in Parts)
        {
            IReadOnlyList<string> values = part.IsHole ? valuesOf(part.Text) : [part.Text];
            filled = filled.SelectMany(_ => values, static (before, value) => before + value);
        }

        return filled;
    }

    public override string ToString() => Text;

    private static bool IsHoleName(ReadOnlySpan<char> name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.'))
            {
                return false;
            }
        }

        return true;
    }

    public readonly record struct Part(bool IsHole, string Text);
}
