namespace CacheGateway.Storage.Redis;

/// <summary>
/// Which life of the epoch fence this node has applied. Epochs of another life mean nothing: what was stored under one is dead. While the
/// fence lives in this process alone, each process is a life of its own: what another one stored, or this one before a restart, may have been
/// invalidated where nobody here heard of it.
/// </summary>
internal sealed record Incarnation(Func<string> Current)
{
    public static Incarnation OfThisProcess()
    {
        var name = Guid.NewGuid().ToString("N");
        return new Incarnation(() => name);
    }
}
