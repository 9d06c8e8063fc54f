namespace CacheGateway.Policies;

/// <summary>Walks the parameters of a raw query without allocating.</summary>
internal ref struct QueryPairs(ReadOnlySpan<char> query)
{
    private ReadOnlySpan<char> _rest = query.StartsWith('?') ? query[1..] : query;

    public Pair Current { get; private set; }

    public readonly QueryPairs GetEnumerator() => this;

    public bool MoveNext()
    {
        while (!_rest.IsEmpty)
        {
            var end = _rest.IndexOf('&');
            var pair = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? [] : _rest[(end + 1)..];
            if (pair.IsEmpty)
            {
                continue;
            }

            var equals = pair.IndexOf('=');
            Current = equals < 0 ? new Pair(pair, []) : new Pair(pair[..equals], pair[(equals + 1)..]);
            return true;
        }

        return false;
    }

    /// <summary>Whether a raw name or value decodes to <paramref name="text"/>.</summary>
    public static bool Means(ReadOnlySpan<char> raw, string text) =>
        raw.ContainsAny('%', '+') ? string.Equals(Decode(raw), text, StringComparison.Ordinal) : raw.SequenceEqual(text);

    /// <summary>Percent signs and plus decoded as forms encode them; what is not well formed stays as it is.</summary>
    public static string Decode(ReadOnlySpan<char> raw) => Uri.UnescapeDataString(raw.ToString().Replace('+', ' '));

    public readonly ref struct Pair(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        public ReadOnlySpan<char> Name { get; } = name;

        public ReadOnlySpan<char> Value { get; } = value;
    }
}
