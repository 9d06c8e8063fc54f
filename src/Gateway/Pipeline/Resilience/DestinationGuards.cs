using System.Runtime.CompilerServices;
using Yarp.ReverseProxy.Model;

namespace CacheGateway.Pipeline.Resilience;

/// <summary>The guard of each destination; goes when YARP forgets the destination.</summary>
internal sealed class DestinationGuards
{
    private readonly ConditionalWeakTable<DestinationState, DestinationGuard> _guards = [];
    private readonly ConditionalWeakTable<DestinationState, DestinationGuard>.CreateValueCallback _make;

    public DestinationGuards(OriginLimits limits, TimeProvider time) => _make = _ => new DestinationGuard(limits, time);

    /// <summary>Destinations that are left alone now.</summary>
    public int Open => _guards.Count(guard => guard.Value.IsOpen);

    /// <summary>Requests under way to all destinations.</summary>
    public int UnderWay => _guards.Sum(guard => guard.Value.Places.Taken);

    public DestinationGuard Of(DestinationState destination) => _guards.GetValue(destination, _make);
}
