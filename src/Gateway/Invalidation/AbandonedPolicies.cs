using CacheGateway.Diagnostics;
using CacheGateway.Model;
using CacheGateway.Policies;

namespace CacheGateway.Invalidation;

/// <summary>
/// Raises the name of every policy that a reload took out of the file, or away from one of its paths, hosts or tags. What it stored there is not served any more, but a write that comes meanwhile does
/// not raise the policy's tags either: put back within their lifetime, the responses would be served as if nothing had been written. Every gateway raises it at its own reload; and once more when it
/// comes back, for what others stored that had not yet taken it out.
/// </summary>
internal sealed class AbandonedPolicies(IPolicySource policies, Invalidator invalidator, ILogger<AbandonedPolicies> logger) : IHostedService
{
    private CachePolicyTable _last = policies.Current;

    /// <summary>The policies of <paramref name="before"/> that are not, in <paramref name="after"/>, everywhere that they were.</summary>
    public static string[] Names(CachePolicyTable before, CachePolicyTable after)
    {
        var kept = after.Policies.Select(Place).ToHashSet();
        return [.. before.Policies.Where(policy => !kept.Contains(Place(policy))).Select(policy => policy.Name).Distinct(StringComparer.Ordinal)];
    }

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

    /// <summary>Where its responses are found, and by which tags they are cleared. A write need not meet conditions on the query or on headers, so it clears what was stored under others too.</summary>
    private static (string Name, string? Path, string Hosts, string Tags) Place(CachePolicy policy) =>
        (policy.Name, policy.Match.Path?.Text, string.Join(' ', policy.Match.Hosts.Order(StringComparer.Ordinal)), string.Join('\n', policy.Tags.Select(tag => $"{tag.BodyPath} {tag.Text}").Order(StringComparer.Ordinal)));

    private void OnChanged(object? sender, EventArgs change)
    {
        var now = policies.Current;
        var before = Interlocked.Exchange(ref _last, now);
        string[] names = [.. Names(before, now).Union(Names(now, before), StringComparer.Ordinal)];
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
                    Reason = "taken out of the policies or put into them, or a path, host or tag of theirs",
                },
                CancellationToken.None);
        }
        catch (Exception exception)
        {
            logger.NotRaised(exception);
        }
    }
}
