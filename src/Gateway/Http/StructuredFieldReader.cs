namespace CacheGateway.Http;

/// <summary>
/// Reads a Structured Field dictionary (RFC 9651 4.2.2) or list (4.2.1) member by member. Parameters and inner lists are checked and skipped.
/// After the first error it stops with <see cref="Failed"/>, and the whole field counts as absent.
/// </summary>
/// <param name="text">All lines of the field, joined by commas.</param>
/// <param name="isList">A list, whose members have no keys.</param>
internal ref struct StructuredFieldReader(ReadOnlySpan<char> text, bool isList = false)
{
    private readonly bool _isList = isList;
    private ReadOnlySpan<char> _rest = text.Trim(' ');
    private bool _started;

    public bool Failed { get; private set; }

    /// <summary>Of a dictionary's member; empty in a list.</summary>
    public ReadOnlySpan<char> Key { get; private set; }

    public StructuredKind Kind { get; private set; }

    /// <summary>Value of an integer; 1 or 0 for a boolean.</summary>
    public long Integer { get; private set; }

    /// <summary>Content of a string, with escapes as written.</summary>
    public ReadOnlySpan<char> Text { get; private set; }

    public bool Read()
    {
        if (Failed || (_rest.IsEmpty && !_started))
        {
            return false;
        }

        if (_started && !NextMember())
        {
            return false;
        }

        _started = true;
        ReadOnlySpan<char> key = default;
        Failed = !(_isList ? ReadValue() : ReadKey(out key) && ReadMember()) || !SkipParameters();
        Key = key;
        return !Failed;
    }

    private bool NextMember()
    {
        _rest = _rest.TrimStart(" \t");
        if (_rest.IsEmpty)
        {
            return false;
        }

        Failed = _rest[0] != ',';
        _rest = _rest[1..].TrimStart(" \t");
        Failed |= _rest.IsEmpty;
        return !Failed;
    }

    private bool ReadKey(out ReadOnlySpan<char> key)
    {
        var length = 0;
        while (length < _rest.Length && (char.IsAsciiLetterLower(_rest[length]) || char.IsAsciiDigit(_rest[length]) || "_-.*".Contains(_rest[length])))
        {
            length++;
        }

        key = _rest[..length];
        _rest = _rest[length..];
        return length > 0 && (char.IsAsciiLetterLower(key[0]) || key[0] == '*');
    }

    private bool ReadMember()
    {
        Kind = StructuredKind.Boolean;
        Integer = 1;
        Text = default;
        if (!TakeChar('='))
        {
            return true;
        }

        return ReadValue();
    }

    private bool ReadValue() => TakeChar('(') ? SkipInnerList() : ReadItem();

    private bool SkipInnerList()
    {
        while (true)
        {
            _rest = _rest.TrimStart(' ');
            if (TakeChar(')'))
            {
                Kind = StructuredKind.Other;
                return true;
            }

            if (!ReadItem() || !SkipParameters() || _rest.IsEmpty || (_rest[0] != ' ' && _rest[0] != ')'))
            {
                return false;
            }
        }
    }

    private bool SkipParameters()
    {
        var kind = Kind;
        var integer = Integer;
        var text = Text;
        while (TakeChar(';'))
        {
            _rest = _rest.TrimStart(' ');
            if (!ReadKey(out _) || (TakeChar('=') && !ReadItem()))
            {
                return false;
            }
        }

        Kind = kind;
        Integer = integer;
        Text = text;
        return true;
    }

    private bool ReadItem()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var first = _rest[0];
        return first switch
        {
            '"' => ReadString(),
            '?' => ReadBoolean(),
            ':' => SkipDelimited(':'),
            '@' => TakeChar('@') && ReadNumber() && Kind == StructuredKind.Integer && Other(),
            '%' => TakeChar('%') && ReadString() && Other(),
            '-' => ReadNumber(),
            _ when char.IsAsciiDigit(first) => ReadNumber(),
            _ when char.IsAsciiLetter(first) || first == '*' => SkipToken(),
            _ => false,
        };
    }

    private bool ReadBoolean()
    {
        if (_rest.Length < 2 || _rest[1] is not ('0' or '1'))
        {
            return false;
        }

        Kind = StructuredKind.Boolean;
        Integer = _rest[1] - '0';
        _rest = _rest[2..];
        return true;
    }

    private bool ReadString()
    {
        Kind = StructuredKind.String;
        if (!TakeChar('"'))
        {
            return false;
        }

        for (var i = 0; i < _rest.Length; i++)
        {
            var c = _rest[i];
            if (c == '"')
            {
                Text = _rest[..i];
                _rest = _rest[(i + 1)..];
                return true;
            }

            if (c is < ' ' or > '~' || (c == '\\' && (++i == _rest.Length || _rest[i] is not ('"' or '\\'))))
            {
                return false;
            }
        }

        return false;
    }

    private bool ReadNumber()
    {
        var negative = TakeChar('-');
        var digits = 0;
        while (digits < _rest.Length && char.IsAsciiDigit(_rest[digits]))
        {
            digits++;
        }

        if (digits is 0 or > 15)
        {
            return false;
        }

        Kind = StructuredKind.Integer;
        Integer = long.Parse(_rest[..digits], provider: null) * (negative ? -1 : 1);
        _rest = _rest[digits..];
        return !TakeChar('.') || ReadFraction(digits);
    }

    private bool ReadFraction(int wholeDigits)
    {
        var digits = 0;
        while (digits < _rest.Length && char.IsAsciiDigit(_rest[digits]))
        {
            digits++;
        }

        _rest = _rest[digits..];
        return wholeDigits <= 12 && digits is >= 1 and <= 3 && Other();
    }

    private bool SkipToken()
    {
        var length = 1;
        while (length < _rest.Length && (char.IsAsciiLetterOrDigit(_rest[length]) || "!#$%&'*+-.^_`|~:/".Contains(_rest[length])))
        {
            length++;
        }

        _rest = _rest[length..];
        return Other();
    }

    private bool SkipDelimited(char end)
    {
        var close = _rest[1..].IndexOf(end);
        if (close < 0)
        {
            return false;
        }

        _rest = _rest[(close + 2)..];
        return Other();
    }

    private bool Other()
    {
        Kind = StructuredKind.Other;
        return true;
    }

    private bool TakeChar(char c)
    {
        if (_rest.IsEmpty || _rest[0] != c)
        {
            return false;
        }

        _rest = _rest[1..];
        return true;
    }
}
