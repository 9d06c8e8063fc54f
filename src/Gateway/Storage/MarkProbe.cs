namespace CacheGateway.Storage;

/// <summary>
/// A <see cref="MarkName"/> made of parts of other strings, to look up without making strings. The hash is Marvin with a seed per process: names come from
/// outside and cannot be chosen to collide.
/// </summary>
internal readonly ref struct MarkProbe(MarkKind kind, ReadOnlySpan<char> authority, ReadOnlySpan<char> text)
{
    public readonly MarkKind Kind = kind;
    public readonly ReadOnlySpan<char> Authority = authority;
    public readonly ReadOnlySpan<char> Text = text;
    public readonly int Hash = HashCode.Combine((int)kind, string.GetHashCode(authority), string.GetHashCode(text));
}
