namespace CacheGateway.Http;

/// <summary>
/// Walks a Cache-Control list (RFC 9111 5.2): comma-separated <c>name[=token|"quoted string"]</c>. What does not fit the grammar is skipped up
/// to the next comma; commas and directives inside quoted strings are text. Never throws, never reads past the end.
/// </summary>
internal ref struct DirectiveReader(ReadOnlySpan<char> text)
{
    private ReadOnlySpan<char> _rest = text;

    public ReadOnlySpan<char> Name { get; private set; }

    /// <summary>The argument without its quotes; meaningful when <see cref="HasValue"/>.</summary>
    public ReadOnlySpan<char> Value { get; private set; }

    public bool HasValue { get; private set; }

    public bool Read()
    {
        while (true)
        {
            _rest = _rest.TrimStart(" \t,");
            if (_rest.IsEmpty)
            {
                return false;
            }

            var end = _rest.IndexOfAny(",=");
            Name = (end < 0 ? _rest : _rest[..end]).TrimEnd(" \t");
            HasValue = end >= 0 && _rest[end] == '=';
            // A space before "=" makes no token of the name, but the intent is plain; it is trimmed, as by most caches.
            _rest = end < 0 ? [] : _rest[(HasValue ? end + 1 : end)..];
            Value = [];
            if (HasValue)
            {
                ReadValue();
            }

            if (!Name.IsEmpty)
            {
                return true;
            }
        }
    }

    private void ReadValue()
    {
        var value = _rest.TrimStart(" \t");
        if (value.IsEmpty || value[0] != '"')
        {
            var comma = value.IndexOf(',');
            Value = (comma < 0 ? value : value[..comma]).TrimEnd(" \t");
            _rest = comma < 0 ? [] : value[comma..];
            return;
        }

        var i = 1;
        while (i < value.Length && value[i] != '"')
        {
            i += value[i] == '\\' ? 2 : 1;
        }

        Value = value[1..Math.Min(i, value.Length)];
        var after = value[Math.Min(i + 1, value.Length)..];
        var next = after.IndexOf(',');
        _rest = next < 0 ? [] : after[next..];
    }
}
