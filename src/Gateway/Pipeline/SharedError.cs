using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Pipeline;

/// <summary>An error that the origin answered, as everybody may have it who waited for that answer.</summary>
/// <param name="Headers">Without what is for the client alone that caused the fetch.</param>
/// <param name="Vary">What the origin chose it by.</param>
internal sealed record SharedError(HeaderField[] Headers, VaryValue[] Vary)
{
    /// <summary>Null for what is no error, or for one client alone: whatever else could forbid sharing it is asked before its status and its lifetime are.</summary>
    /// <param name="from">The request that was answered.</param>
    /// <param name="facts">The answer.</param>
    /// <param name="hidden">What it was judged by besides (<see cref="HiddenFields"/>).</param>
    /// <param name="reason">Why it is not stored.</param>
    public static SharedError? Of(FillContext from, ResponseFacts facts, HeaderField[] hidden, Reason reason)
    {
        if (reason is not (Reason.ResponseStatus or Reason.ResponseNoFreshness or Reason.ResponsePolicyTtlZero) || !ServeDecision.IsErrorToStandInFor(facts.Status))
        {
            return null;
        }

        var policy = from.Policy;
        if (facts.HasSetCookie && !StoredFields.Withholds(facts, policy, "Set-Cookie"))
        {
            // It is stored nowhere, whatever the profile stores with cookies: one client's must not be told to others.
            return null;
        }

        return new SharedError(
            AnswerFields.Stored(AnswerFields.Visible(StoredFields.Of(facts, policy), hidden), policy, compresses: false),
            VaryRules.Capture(ForwardedFields.Selecting(StoredFields.VaryOf(facts, policy), policy), new RequestHeaderSource(from.Headers), policy));
    }

    /// <summary>Whether a client that only waited may have it.</summary>
    public bool IsFor(CacheRequest request) =>
        VaryRules.Matches(Vary, request.Headers, request.Policy) && !ProfileRules.CredentialsBarSharing(request.Facts, request.Policy, Vary);
}
