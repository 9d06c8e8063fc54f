using CacheGateway.Http;

namespace CacheGateway.Policies;

/// <summary>Walks the parameters of a raw query without allocating.</summary>
/// <param name="query">With or without its question mark.</param>
/// <param name="isLoose">Whether ";" parts parameters as "&amp;" does, as it does for some backends.</param>
internal ref struct QueryPairs(ReadOnlySpan<char> query, bool isLoose = false)
{
    private readonly bool _isLoose = isLoose;
    private ReadOnlySpan<char> _rest = query.StartsWith('?') ? query[1..] : query;

    public Pair Current { get; private set; }

    public readonly QueryPairs GetEnumerator() => this;

    public bool MoveNext()
    {
        while (!_rest.IsEmpty)
        {
            var end = _isLoose ? _rest.IndexOfAny('&', ';') : _rest.IndexOf('&');
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

    /// <summary>Whether a raw name or value decodes to <paramref name="text"/>; loosely, in any case.</summary>
    public static bool Means(ReadOnlySpan<char> raw, string text, bool isLoose = false) =>
        QueryText.Decode(raw).Equals(text, isLoose ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);

    public readonly ref struct Pair(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        public ReadOnlySpan<char> Name { get; } = name;

        public ReadOnlySpan<char> Value { get; } = value;
    }
}
