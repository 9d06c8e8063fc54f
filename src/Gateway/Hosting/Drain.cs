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
        // What was quiet before nobody knew of the drain says nothing of those who come until they know.
        while ((Stopwatch.GetElapsedTime(began) < Quiet || (listeners.Connections.Open > 0 ? state.Quiet : listeners.Connections.Unchanged) < Quiet)
            && Stopwatch.GetElapsedTime(began) < settings.Drain / 2 && !cancellationToken.IsCancellationRequested)
        {
            // Between two looks: quiet is a time in which nothing happens, and no event tells of it.
            await Task.Delay(TimeSpan.FromMilliseconds(20), CancellationToken.None);
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
