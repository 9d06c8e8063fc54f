using System.Diagnostics;
using CacheGateway.Diagnostics;

namespace CacheGateway.Hosting;

/// <summary>
/// The first step of stopping, before the server closes anything: readiness goes off, every answer asks its client to leave, and who comes all the
/// same is served. It ends when nobody has come or asked for a while, after half of the time to drain at the latest; the other half is for answers under way.
/// That no connection is open says little: clients that were just asked to leave come again, until whoever sends them here has noticed. It runs on the machine's clock, like the process that ends.
/// </summary>
internal sealed class Drain(DrainState state, Listeners listeners, GatewaySettings settings) : IHostedLifecycleService
{
    /// <summary>So long without a request or a new connection, and those that are still open are idle ones.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        state.Begin();
        var began = Stopwatch.GetTimestamp();
        while (!HasEnded(Stopwatch.GetElapsedTime(began), listeners.Connections.Open > 0 ? state.Quiet : listeners.Connections.Unchanged, settings.Drain / 2)
            && !cancellationToken.IsCancellationRequested)
        {
            // Between two looks: quiet is a time in which nothing happens, and no event tells of it.
            await Task.Delay(TimeSpan.FromMilliseconds(20), CancellationToken.None);
        }
    }

    /// <summary>Whether whoever sends clients here has had time to notice, and nobody comes any more; or it has taken long enough.</summary>
    /// <param name="elapsed">Since it began: what was quiet before, when nobody could know, says nothing of those who come until they know.</param>
    /// <param name="quiet">For how long nobody has come or asked, which may be longer than that.</param>
    /// <param name="most">The longest it may take.</param>
    internal static bool HasEnded(TimeSpan elapsed, TimeSpan quiet, TimeSpan most) => elapsed >= most || (elapsed >= Quiet && quiet >= Quiet);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
