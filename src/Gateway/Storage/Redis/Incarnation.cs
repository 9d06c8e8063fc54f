namespace CacheGateway.Storage.Redis;

/// <summary>
/// Which life of the epoch fence this node has applied. Epochs of another life mean nothing: what was stored under one is dead. Without a
/// shared fence there is one life without a name.
/// </summary>
internal sealed record Incarnation(Func<string> Current)
{
    public static readonly Incarnation Only = new(() => "");
}
