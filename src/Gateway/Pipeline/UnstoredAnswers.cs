using CacheGateway.Diagnostics;
using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Storage;

namespace CacheGateway.Pipeline;

/// <summary>
/// What an answer leaves behind that is not stored: it is counted by its reason, its key is remembered as uncacheable, what it was to take the place of is not used any more, and
/// who asks why can be told.
/// </summary>
internal sealed class UnstoredAnswers(TieredStore store, UncacheableMemory uncacheable, RefusedResponses refused, TargetedFields targeted, GatewayMetrics metrics)
{
    /// <summary>Its head forbids storing it, or the tags of its body cannot all be known.</summary>
    /// <param name="from">Whose answer it is.</param>
    /// <param name="status">The origin's.</param>
    /// <param name="headers">The answer's, without those of one connection.</param>
    /// <param name="reason">What forbids it.</param>
    /// <param name="refusedBy">The line of Cache-Control that alone does, or null.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    public void Refused(FillContext from, int status, HeaderField[] headers, Reason reason, string? refusedBy, long now)
    {
        Remember(from, status, reason, now);
        Supersede(from, status, reason);
        refused.Add(from.Key, from.Policy, status, headers, reason, refusedBy);
        metrics.NotStored(from.Policy.Name, reason);
    }

    /// <summary>An answer of this key is stored.</summary>
    public void Stored(string key) => refused.Forget(key);

    /// <summary>The next answer of its key is to be stored.</summary>
    public void Forget(FillContext from) => uncacheable.Forget(from.Key.Text, from.Policy, from.Key.Resource);

    /// <summary>
    /// Why an answer is refused, where that is by the same line of Cache-Control as the last one to its key was, a moment ago. It is counted as such, and needs no
    /// <see cref="ResponseAdmission.Judge"/>. Null where it does.
    /// </summary>
    public Reason? RefusedAgain(CacheKey key, CachePolicy policy, int status, IHeaderDictionary headers)
    {
        if (headers.CacheControl is not [{ } control] || refused.ReasonOf(control, key, policy, status) is not { } reason)
        {
            return null;
        }

        foreach (var name in targeted.Names)
        {
            if (headers.ContainsKey(name))
            {
                return null;
            }
        }

        metrics.NotStored(policy.Name, reason);
        return reason;
    }

    /// <summary>A body turned out to be longer than what is stored: the next requests need not find that out together.</summary>
    /// <param name="from">Whose answer it is.</param>
    /// <param name="status">The origin's.</param>
    /// <param name="headers">The answer's, without those of one connection.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    public void Outgrown(FillContext from, int status, HeaderField[] headers, long now)
    {
        Remember(from, status, Reason.ResponseTooLarge, now);
        refused.Add(from.Key, from.Policy, status, headers, Reason.ResponseTooLarge, null);
    }

    /// <summary>An answer that was to be stored is not, which its head did not tell: too long, or no memory.</summary>
    public void Unkept(FillContext from, int status, Reason reason)
    {
        metrics.NotStored(from.Policy.Name, reason);
        Supersede(from, status, reason);
    }

    private static bool SaysOfTheResource(int status) => status < 500 && !Storability.IsOfTheMoment(status) && !Storability.IsOfTheMessage(status);

    /// <summary>
    /// What an error of the origin, too many requests, an odd request, a range or one client's credentials led to says nothing about the resource, and who may not have what is stored
    /// may be one alone: it is not remembered as uncacheable, or one client could undo collapsing for all others. That the whole is too large, which was fetched for a range, it does say, or it
    /// would be fetched for each.
    /// </summary>
    private void Remember(FillContext from, int status, Reason reason, long now)
    {
        var request = from.Request;
        var isTooLarge = reason == Reason.ResponseTooLarge && from.Policy.RangeFetchWhole > 0;
        var isOwn = (request.Range is not null && !isTooLarge) || request.Directives.NoStore || ProfileRules.IsAnsweredAlone(request, from.Policy);
        var isRefusal = status is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden && from.Validating is not null;
        if (!SaysOfTheResource(status) || isOwn || isRefusal)
        {
            return;
        }

        if (request.Range is null)
        {
            uncacheable.Remember(from.Key.Text, from.Policy, from.Key.Resource, now);
        }
        else
        {
            uncacheable.RememberAlone(from.Key.Text, now);
        }
    }

    /// <summary>
    /// RFC 9111 4.3.3: a full answer to a validation takes the place of what was asked about, whether it may be stored itself or not. Not what an error of the origin,
    /// too many requests, an odd request or one client's credentials led to, which says nothing of what all get.
    /// </summary>
    public void Supersede(FillContext from, int status, Reason reason)
    {
        if (SaysOfTheResource(status) && from.Validating is { } stored && !ProfileRules.IsAnsweredAlone(from.Request, from.Policy) && !Freshened.IsOfTheRequest(reason))
        {
            store.Remove(stored);
        }
    }
}
