using CacheGateway.Diagnostics;
using CacheGateway.Model;
using CacheGateway.Policies;

namespace CacheGateway.Invalidation;

/// <summary>
/// Raises the name of every policy that a reload took out of the file, or away from one of its paths, hosts or tags. What it stored there is not served any more, but a write that comes meanwhile does
/// not raise the policy's tags either: put back within their lifetime, the responses would be served as if nothing had been written. Every gateway raises it at its own reload; and once more when it
/// comes back, for what others stored that had not yet taken it out. What a policy gets that it never had raises nothing: <see cref="LostPlaces"/> tells the two apart, as long as this process lives.
/// </summary>
internal sealed class AbandonedPolicies(IPolicySource policies, Invalidator invalidator, ILogger<AbandonedPolicies> logger) : IHostedService
{
    private readonly Lock _gate = new();
    private CachePolicyTable _last = policies.Current;
    private LostPlaces _lost = LostPlaces.None;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        policies.Changed += OnChanged;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        policies.Changed -= OnChanged;
        return Task.CompletedTask;
    }

    private void OnChanged(object? sender, EventArgs change)
    {
        string[] names;
        lock (_gate)
        {
            var now = policies.Current;
            (names, _lost) = _lost.Change(_last, now);
            _last = now;
        }

        if (names.Length > 0)
        {
            _ = RaiseAsync(names);
        }
    }

    private async Task RaiseAsync(string[] names)
    {
        try
        {
            await invalidator.RaiseAsync(
                new InvalidationOrder
                {
                    Id = Invalidator.NewId(),
                    Scope = new InvalidationScope { Policies = names },
                    Source = InvalidationSource.Admin,
                    Wait = InvalidationWait.Local,
                    Reason = "new in the policies, taken out of them or put back, or a path, host or tag of theirs",
                },
                CancellationToken.None);
        }
        catch (Exception exception)
        {
            logger.NotRaised(exception);
        }
    }
}
