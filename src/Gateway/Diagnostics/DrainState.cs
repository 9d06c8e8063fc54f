namespace CacheGateway.Diagnostics;

/// <summary>
/// Whether this process is on its way out: from the first sign of it, readiness is off and clients are asked to leave. Set once, by what stops the
/// host; read by every request.
/// </summary>
internal sealed class DrainState
{
    private long _lastRequest;

    public bool IsDraining { get; private set; }

    public void Begin()
    {
        Volatile.Write(ref _lastRequest, Environment.TickCount64);
        IsDraining = true;
    }

    /// <summary>A request came all the same.</summary>
    public void Request() => Volatile.Write(ref _lastRequest, Environment.TickCount64);

    /// <summary>For how long no request has come while draining; on the machine's clock, like the process that ends.</summary>
    public TimeSpan Quiet => TimeSpan.FromMilliseconds(Environment.TickCount64 - Volatile.Read(ref _lastRequest));
}
