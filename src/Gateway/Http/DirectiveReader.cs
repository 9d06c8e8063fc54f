namespace CacheGateway.Http;

/// <summary>
/// Reads cache directives (RFC 9111 5.2: <c>token [ "=" ( token / quoted-string ) ]</c>, comma separated) from one text without allocating.
/// It never throws and never reads past the text; what does not follow the grammar comes out with <see cref="Malformed"/>.
/// </summary>
internal ref struct DirectiveReader(ReadOnlySpan<char> text)
{
    private ReadOnlySpan<char> _rest = text;

    public ReadOnlySpan<char> Name { get; private set; }

    /// <summary>The value without quotes (backslash escapes are left to whoever gives it a meaning).</summary>
    public ReadOnlySpan<char> Value { get; private set; }

    public bool HasValue { get; private set; }

    /// <summary>What stands behind the "=" and outside of quotes.</summary>
    public ReadOnlySpan<char> Unquoted { get; private set; }

    /// <summary>Whitespace around "=", or text behind a closing quote: the value means nothing.</summary>
    public bool Malformed { get; private set; }

    public bool Read()
    {
        _rest = _rest.TrimStart(" \t,");
        if (_rest.IsEmpty)
        {
            return false;
        }

        var end = _rest.IndexOfAny('=', ',');
        var raw = end < 0 ? _rest : _rest[..end];
        Name = raw.TrimEnd(" \t");
        HasValue = end >= 0 && _rest[end] == '=';
        Malformed = HasValue && Name.Length != raw.Length;
        Value = default;
        Unquoted = default;
        _rest = end < 0 ? default : _rest[end..];
        if (HasValue)
        {
            _rest = _rest[1..];
            ReadValue();
        }

        return true;
    }

    public readonly bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>The value as delta-seconds (RFC 9111 1.2.2), or -1 when it is none.</summary>
    public readonly long Seconds() => HasValue && !Malformed ? DeltaSeconds.Parse(Value) : -1;

    private void ReadValue()
    {
        // An opening quote that is never closed quotes nothing: a no-store behind it must still be seen.
        var close = _rest.Length > 0 && _rest[0] == '"' ? ClosingQuote(_rest) : -1;
        if (close < 0)
        {
            var comma = _rest.IndexOf(',');
            var value = comma < 0 ? _rest : _rest[..comma];
            Value = Unquoted = value.Trim(" \t");
            Malformed |= value.Length > 0 && value[0] is ' ' or '\t' or '"';
            _rest = comma < 0 ? default : _rest[comma..];
            return;
        }

        Value = _rest[1..close];
        _rest = _rest[(close + 1)..];
        var next = _rest.IndexOf(',');
        Unquoted = next < 0 ? _rest : _rest[..next];
        Malformed |= !Unquoted.Trim(" \t").IsEmpty;
        _rest = next < 0 ? default : _rest[next..];
    }

    private static int ClosingQuote(ReadOnlySpan<char> text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == '"')
            {
                return i;
            }
        }

        return -1;
    }
}
