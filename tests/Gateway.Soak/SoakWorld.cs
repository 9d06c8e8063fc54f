namespace CacheGateway.Soak;

/// <summary>All that takes part in one run.</summary>
internal sealed class SoakWorld(SoakOptions options, Resources resources, SoakOrigin origin, SoakRedis redis, IReadOnlyList<SoakGateway> gateways)
{
    public SoakOptions Options => options;

    public Resources Resources => resources;

    public SoakOrigin Origin => origin;

    public SoakRedis Redis => redis;

    public IReadOnlyList<SoakGateway> Gateways => gateways;

    public History History { get; } = new();

    /// <summary>When the origin failed; its aftermath is as long as a destination is left alone, and a wait for somebody else's fetch.</summary>
    public Interruptions OriginFaults { get; } = new(TimeSpan.FromSeconds(12));
}
