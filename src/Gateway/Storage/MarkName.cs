namespace CacheGateway.Storage;

/// <summary>What a mark is kept under.</summary>
/// <param name="Kind">Its namespace.</param>
/// <param name="Authority">For URLs and prefixes: the authority, or empty for every authority. Empty for the others.</param>
/// <param name="Text">Tag, target, path prefix or policy name.</param>
internal readonly record struct MarkName(MarkKind Kind, string Authority, string Text);
