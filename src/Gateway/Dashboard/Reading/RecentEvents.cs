using CacheGateway.Operations;

namespace CacheGateway.Dashboard.Reading;

/// <summary>
/// The last things that happened, so that a page that is opened later, or without script, shows them too. Listens to the feed while the gateway
/// runs.
/// </summary>
internal sealed class RecentEvents(LiveFeed feed) : BackgroundService
{
    private const int Most = 200;

    private readonly Lock _gate = new();
    private readonly Queue<LiveEvent> _events = new();

    /// <summary>The newest first.</summary>
    public IReadOnlyList<LiveEvent> Read()
    {
        lock (_gate)
        {
            return [.. _events.Reverse()];
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = feed.Subscribe();
        if (subscription is null)
        {
            return;
        }

        try
        {
            await foreach (var happened in subscription.Events.ReadAllAsync(stoppingToken))
            {
                Keep(happened);
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway ends.
        }
    }

    private void Keep(LiveEvent happened)
    {
        // A line every five seconds would push out what the page is for; charts show traffic.
        if (happened.Kind == "traffic")
        {
            return;
        }

        lock (_gate)
        {
            _events.Enqueue(happened);
            if (_events.Count > Most)
            {
                _events.Dequeue();
            }
        }
    }
}
