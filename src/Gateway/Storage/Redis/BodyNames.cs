using System.Runtime.CompilerServices;
using CacheGateway.Model;

namespace CacheGateway.Storage.Redis;

/// <summary>
/// Which bodies in memory are known to lie in Redis, and under what name: a refreshed response shares its body with the older one, so that
/// its head alone has to be written. Forgets a body with the body itself.
/// </summary>
internal sealed class BodyNames
{
    private readonly ConditionalWeakTable<object, BodyName> _names = [];

    public BodyName? Find(BodySegments body) => _names.TryGetValue(body.Identity, out var name) ? name : null;

    public void Remember(BodySegments body, BodyName name)
    {
        if (!name.IsEmpty)
        {
            _names.AddOrUpdate(body.Identity, name);
        }
    }

    public void Forget(BodySegments body) => _names.Remove(body.Identity);
}
