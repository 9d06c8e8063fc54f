namespace CacheGateway.Storage;

/// <summary>A <see cref="MarkName"/> made of parts of other strings, to look up without making strings.</summary>
internal readonly ref struct MarkProbe(MarkKind kind, ReadOnlySpan<char> authority, ReadOnlySpan<char> text)
{
    public readonly MarkKind Kind = kind;
    public readonly ReadOnlySpan<char> Authority = authority;
    public readonly ReadOnlySpan<char> Text = text;
}
