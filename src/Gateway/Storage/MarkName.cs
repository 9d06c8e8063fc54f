namespace CacheGateway.Storage;

/// <summary>
/// What a mark is kept under. A class: a node that starts takes in every mark there is, and the framework's collections of references are compiled
/// beforehand, those of our own structs are not.
/// </summary>
/// <param name="Kind">Its namespace.</param>
/// <param name="Authority">For URLs and prefixes: the authority, or empty for every authority. Empty for the others.</param>
/// <param name="Text">Tag, target, path prefix or policy name.</param>
internal sealed record MarkName(MarkKind Kind, string Authority, string Text);
