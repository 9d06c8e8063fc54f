namespace CacheGateway.Dashboard;

/// <summary>Where clients reach the gateway: what the pages name to whoever has not sent anything yet.</summary>
/// <param name="Read">As bound, with the ports that the system chose; empty before the listeners are there.</param>
internal sealed record PublicAddresses(Func<IReadOnlyList<Uri>> Read);
