using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Storage;

namespace CacheGateway.Pipeline;

/// <summary>Which stored response a request selects among those that no invalidation has killed (RFC 9111 4.1): one that is dead hides none that is not.</summary>
internal static class LiveSelection
{
    /// <param name="epochs">What was invalidated.</param>
    /// <param name="set">All that is stored under the key.</param>
    /// <param name="request">Whose it is.</param>
    /// <param name="liveness">Of what is returned; dead where all that it selects is.</param>
    public static StoredResponse? Find(TagEpochs epochs, VariantSet set, CacheRequest request, out Liveness liveness)
    {
        var stored = Select(epochs, set, request.Headers, request.Policy, request.Facts.Range, out liveness);
        return liveness == Liveness.Dead ? null : stored;
    }

    /// <summary>The same, with what is dead where all that the request selects is: explanations show it.</summary>
    public static StoredResponse? Select<T>(TagEpochs epochs, VariantSet set, T headers, CachePolicy policy, string? range, out Liveness liveness)
        where T : IHeaderSource
    {
        var stored = VaryRules.Select(set, headers, policy, range);
        liveness = stored is null ? Liveness.Alive : epochs.Check(stored);
        while (liveness == Liveness.Dead && set.Responses.Length > 1)
        {
            set = VariantSet.Of(Array.FindAll(set.Responses.ToArray(), other => other != stored));
            if (VaryRules.Select(set, headers, policy, range) is not { } other)
            {
                break;
            }

            (stored, liveness) = (other, epochs.Check(other));
        }

        return stored;
    }
}
