using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Pipeline;
using CacheGateway.Policies;

namespace CacheGateway.Cli.PolicyFiles;

/// <summary>
/// Asks the product's own pure functions what would happen to a request and its response under a policy file: match, key, judge, tag. Nothing is
/// sent and nothing is stored.
/// </summary>
internal sealed class PolicyTrial(CachePolicyTable table, TimeProvider time)
{
    private static readonly string[] Targeted = TargetedFields.Usual;

    private readonly RequestKeying _keying = new(new FixedPolicies(table), new DefaultPolicy(null, IsCachingEnabled: true), new KeyBuilder("offline"), time);

    /// <param name="request">The request.</param>
    /// <param name="response">The origin's answer; null = only what the request alone decides.</param>
    public TrialOutcome Run(TrialRequest request, TrialResponse? response)
    {
        if (RequestGuard.IsRefused(request.Method))
        {
            return Refused(RequestGuard.MethodRefused);
        }

        var context = request.ToContext();
        if (request.Method is not ("GET" or "HEAD"))
        {
            return RequestDecision.FailsWithoutKey(Reason.MethodNotCacheable, context.Request) ? NotAsked(null) : Written(request, response);
        }

        var keyed = _keying.Of(context);
        return keyed.Pass is not { } reason ? Judged(context, keyed, response)
            : RequestDecision.FailsWithoutKey(reason, context.Request) ? NotAsked(keyed.Policy)
            : reason == Reason.NoPolicy ? Untaken(request, context)
            : Passed(reason, keyed.Policy);
    }

    /// <summary>Which policy takes this path under another condition, or the same path spelt otherwise.</summary>
    private TrialOutcome Untaken(TrialRequest request, HttpContext context)
    {
        var path = TargetParts.Path(request.Target).ToString();
        var passed = Passed(Reason.NoPolicy, null);
        var own = table.Policies.Where(policy => policy.Match.Path?.IsMatch(path) == true).OrderBy(policy => PolicyConditions.TakesMethod(policy.Match, "GET") ? 0 : 1).FirstOrDefault();
        if (own is not null && PolicyConditions.Unmet(own.Match, "GET", request.Authority, TargetParts.Query(request.Target), new RequestHeaderSource(context.Request.Headers)) is { } unmet)
        {
            return passed with { Unmet = $"policy \"{own.Name}\" takes {own.Match.Path!.Text}, but {unmet}" };
        }

        return NearPaths.Find(table, path) is { } near ? passed with { Near = $"policy \"{near.Name}\" takes {near.Match.Path!.Text}" } : passed;
    }

    private static TrialOutcome Passed(Reason reason, CachePolicy? policy) => new()
    {
        Decision = TrialOutcome.Pass,
        Reason = reason.Text(),
        Policy = policy?.Name,
        Path = policy?.Match.Path?.Text,
    };

    /// <summary>The gateway fails it itself (504).</summary>
    private static TrialOutcome NotAsked(CachePolicy? policy) => Passed(Reason.OnlyIfCached, policy) with { Decision = TrialOutcome.NotStored };

    private static TrialOutcome Refused(string reason) => new() { Decision = TrialOutcome.Refused, Reason = reason };

    private TrialOutcome Judged(HttpContext context, KeyedRequest keyed, TrialResponse? response)
    {
        var (policy, key) = (keyed.Policy!, keyed.Key!);
        var outcome = new TrialOutcome
        {
            Decision = TrialOutcome.LookUp,
            Policy = policy.Name,
            Path = policy.Match.Path?.Text,
            Target = key.Resource.Target,
            Key = Named(KeyParts.Of(key.Text)!),
            KeyText = key.Text,
        };
        var facts = RequestReader.Read(context.Request);
        // As the origin is asked.
        TrustedFields.Drop(context.Request.Headers, policy);
        ForwardedFields.Keep(context.Request.Headers, policy, key.Resource.Authority, affinity: null);
        var from = new FillContext(key, policy, default, null, facts, context.Request.Headers, keyed.NotAfter);
        // Without an answer, by the one that could be stored if any is.
        var status = response?.Status ?? (from.Request.Range is null ? StatusCodes.Status200OK : StatusCodes.Status206PartialContent);
        if (RequestDecision.ForbidsStoring(from.Request, policy, status, Instant.MonotonicNow(time)) is { } reason)
        {
            return outcome with { Decision = TrialOutcome.NotStored, Reason = reason.Text() };
        }

        return response is null
            ? outcome with { Tags = ResponseTags.FromHead(from, StatusCodes.Status200OK, []) ?? [] }
            : Stored(outcome, from, response);
    }

    private TrialOutcome Stored(TrialOutcome outcome, FillContext from, TrialResponse response)
    {
        var now = Instant.Now(time);
        var facts = ResponseFacts.From(response.Status, response.Fields, Targeted);
        var freshness = ResponseAdmission.Capped(FreshnessRules.Compute(facts, from.Policy, now, now, 0), from, now);
        // No node is asked, so no node's memory is known.
        if (Storability.Refuses(from.Request, facts, from.Policy, freshness, largestBody: long.MaxValue) is { } reason)
        {
            return outcome with { Decision = TrialOutcome.NotStored, Reason = reason.Text() };
        }

        if (response.Bytes.Length > from.Policy.MaxBodyBytes)
        {
            return outcome with { Decision = TrialOutcome.NotStored, Reason = Reason.ResponseTooLarge.Text() };
        }

        if (ResponseTags.FromHead(from, response.Status, response.Fields) is not { } known || ResponseTags.FromBody(from, known, response.Bytes) is not { } tags)
        {
            return outcome with { Decision = TrialOutcome.NotStored, Reason = Reason.ResponseTags.Text() };
        }

        return outcome with
        {
            Decision = TrialOutcome.Store,
            Vary = ForwardedFields.Selecting(StoredFields.VaryOf(facts, from.Policy), from.Policy),
            Ttl = Seconds(freshness.Lifetime),
            TtlFrom = freshness.Source.ToString(),
            StaleWhileRevalidate = Seconds(freshness.StaleWhileRevalidate),
            StaleIfError = Seconds(freshness.StaleIfError),
            Tags = [.. tags.Order(StringComparer.Ordinal)],
        };
    }

    /// <summary>As <see cref="UnsafeRequests"/>: an origin's own error clears no more than what is cleared beforehand.</summary>
    private TrialOutcome Written(TrialRequest request, TrialResponse? response)
    {
        if (UnsafeMethods.IsSafe(request.Method))
        {
            return Passed(Reason.MethodNotCacheable, null);
        }

        var scope = WriteScope.Of(table, request);
        if (scope.IsTooMuch)
        {
            return Refused(RequestGuard.WriteRefused);
        }

        var headers = new RequestHeaderSource(request.ToContext().Request.Headers);
        var cleared = response is null || UnsafeMethods.Invalidates(response.Status) ? scope.With(response?.Fields ?? [], asked: null) : scope.Before;
        return new TrialOutcome
        {
            Decision = TrialOutcome.Write,
            Reason = Reason.MethodUnsafe.Text(),
            Concerns = scope.Concerns,
            Clears = [.. table.Cascade(cleared.Tags).Order(StringComparer.Ordinal)],
            ClearedUrls = [.. cleared.Urls.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        };
    }

    private static Dictionary<string, string> Named(KeyParts key)
    {
        var parts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["policy"] = key.Policy,
            ["scheme"] = key.Scheme,
            ["host"] = key.Authority,
            ["target"] = key.Target,
        };
        foreach (var (name, value) in key.Headers)
        {
            parts[$"header {name}"] = value ?? "(absent)";
        }

        parts["identity"] = key.Identity.Length == 0 ? "(nobody)" : key.Identity;
        return parts;
    }

    private static double Seconds(long milliseconds) => milliseconds / 1000.0;
}
