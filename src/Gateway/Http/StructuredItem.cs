namespace CacheGateway.Http;

/// <summary>One dictionary member's value: booleans are 1 or 0 in <paramref name="Integer"/>, strings stand unescaped in <paramref name="Text"/>.</summary>
internal readonly record struct StructuredItem(StructuredKind Kind, long Integer, string Text);
