using CacheGateway.Invalidation;
using CacheGateway.Model;
using CacheGateway.Pipeline;
using CacheGateway.Policies;
using CacheGateway.Policies.Rules;
using CacheGateway.Storage;

namespace CacheGateway.Operations;

/// <summary>What of an invalidation may have been mistyped. It is raised all the same: another gateway may know what this one does not.</summary>
internal sealed class InvalidationWarnings(IPolicySource policies, DefaultPolicy defaults, MemoryTier memory, TimeProvider time) : IScopeDoubts
{
    /// <summary>For so long a look through the memory is good enough: a sender that goes on naming a policy that is no more must not cost one each time.</summary>
    private static readonly TimeSpan Keep = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private (long At, HashSet<string> Names)? _stored;

    /// <summary>A line for each policy that neither this gateway's file nor its memory knows; null = there is none.</summary>
    /// <param name="scope">As it was asked for.</param>
    public IReadOnlyList<string>? Of(InvalidationScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        string[] known = [.. policies.Current.Names, .. defaults.Policy is { } policy ? (string[])[policy.Name] : []];
        var unknown = scope.Policies.Except(known, StringComparer.Ordinal).ToList();
        if (unknown.Count > 0)
        {
            unknown.RemoveAll(Stored().Contains);
        }

        return unknown.Count == 0 ? null
            : [.. unknown.Select(name => $"policy \"{UnknownPolicy.Shorten(name)}\" is none of this gateway's, and nothing of it is stored here{Suggestion.For(name, known)}")];
    }

    /// <summary>Policies of which something is stored here, or was a moment ago.</summary>
    private HashSet<string> Stored()
    {
        lock (_gate)
        {
            if (_stored is not var (at, names) || time.GetElapsedTime(at) >= Keep)
            {
                names = memory.Responses().Select(response => response.Resource.Policy).ToHashSet(StringComparer.Ordinal);
                _stored = (time.GetTimestamp(), names);
            }

            return names;
        }
    }
}
