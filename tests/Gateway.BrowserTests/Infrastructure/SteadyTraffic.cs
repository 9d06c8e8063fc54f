namespace CacheGateway.BrowserTests.Infrastructure;

/// <summary>Clients that go on asking, some dozens of times a second, until it is disposed.</summary>
internal sealed class SteadyTraffic : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Task _asking;

    public SteadyTraffic(Site site, IReadOnlyList<string> targets) => _asking = Task.Run(async () =>
    {
        while (!_end.IsCancellationRequested)
        {
            await site.DriveAsync(targets, 1);
            // A pace, not a wait: as fast as it goes would leave the pages no processor.
            await Task.Delay(30);
        }
    });

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _asking;
        _end.Dispose();
    }
}
