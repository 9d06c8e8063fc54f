using System.Text;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>The part of RFC 9651 that Cache-Status needs: tokens, strings, integers and keys. Throws on anything else.</summary>
internal sealed class StructuredReader(string text)
{
    private int _at;

    public bool TryTake(char c)
    {
        SkipSpace();
        if (_at >= text.Length || text[_at] != c)
        {
            return false;
        }

        _at++;
        SkipSpace();
        return true;
    }

    public string Key() => Run(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '-' or '.' or '*');

    /// <summary>A string's content, or a token or number as written.</summary>
    public string Item()
    {
        SkipSpace();
        return _at < text.Length && text[_at] == '"'
            ? Quoted()
            : Run(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~:/".Contains(c));
    }

    public void End()
    {
        SkipSpace();
        if (_at != text.Length)
        {
            throw Malformed();
        }
    }

    private string Quoted()
    {
        var content = new StringBuilder();
        for (_at++; _at < text.Length; _at++)
        {
            if (text[_at] == '"')
            {
                _at++;
                return content.ToString();
            }

            content.Append(text[_at] == '\\' && _at + 1 < text.Length ? text[++_at] : text[_at]);
        }

        throw Malformed();
    }

    private string Run(Func<char, bool> takes)
    {
        var start = _at;
        while (_at < text.Length && takes(text[_at]))
        {
            _at++;
        }

        return _at > start ? text[start.._at] : throw Malformed();
    }

    private void SkipSpace()
    {
        while (_at < text.Length && text[_at] is ' ' or '\t')
        {
            _at++;
        }
    }

    private FormatException Malformed() => new($"Not a structured field at {_at}: {text}");
}
