namespace CacheGateway.Model;

/// <summary>
/// What a plain request for a URL finds without being routed and matched again: one that carries nothing a route, a policy or a key looks at
/// beside scheme, authority and target. It holds as long as the generation it was found in is the current one, and lies at its entry until the
/// next that takes its place, which may be never.
/// </summary>
/// <param name="Generation">Stands for one state of routes and policies, and leads to nothing of it; compared by reference.</param>
/// <param name="Policy">The policy of the URL in that state.</param>
public sealed record Shortcut(object Generation, CachePolicy Policy);
