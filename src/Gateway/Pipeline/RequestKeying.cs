using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Policies;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Model;

namespace CacheGateway.Pipeline;

/// <summary>
/// The first half of the way of a safe request: which policy takes it and which key it has, or why it passes. Explanations ask the same.
/// </summary>
internal sealed class RequestKeying(IPolicySource policies, DefaultPolicy defaults, KeyBuilder keys, TimeProvider time)
{
    /// <summary>Whether caching is switched off as a whole: every request passes.</summary>
    public bool IsOff => defaults.SwitchedOffBy(policies.Current) is not null;

    public KeyedRequest Of(HttpContext context)
    {
        var table = policies.Current;
        if (defaults.SwitchedOffBy(table) is not null)
        {
            return new(null, null, Reason.CacheOff, null) { Forwarding = Taker(table, context) };
        }

        // What passes goes by the rules of its route all the same: fields that do not reach the origin, or not the client.
        var pass = RequestReader.PassReason(context);
        if (KeyBuilder.Identify(context) is not (var authority, var target))
        {
            return new(Nearest(table, context), null, pass ?? Reason.Unkeyable, null);
        }

        // match
        var policy = Match(table, context, authority, target);
        return policy is null ? new(null, null, pass ?? Reason.NoPolicy, null)
            : pass is { } known ? new(policy, null, known, null)
            : Under(policy, table, context, authority, target);
    }

    /// <summary>The key of a request that <paramref name="policy"/> takes, or why it passes; of <paramref name="table"/>, or as it would stand there changed.</summary>
    public KeyedRequest Under(CachePolicy policy, CachePolicyTable table, HttpContext context, string authority, string target)
    {
        if (!policy.Enabled)
        {
            return new(policy, null, Reason.PolicyOff, null);
        }

        if (table.IsTakenOtherwise(policy, "GET", authority, TargetParts.Path(target), TargetParts.Query(target), new RequestHeaderSource(context.Request.Headers)))
        {
            return new(policy, null, Reason.Unkeyable, null);
        }

        if (SecretParameters.AreIn(target, policy))
        {
            return new(policy, null, Reason.SecretInUrl, null);
        }

        if (ForwardsCertificate(context))
        {
            return new(policy, null, Reason.Credentials, null);
        }

        // key
        if (!IdentityVerifier.TryVerify(table, policy, context, time.GetUtcNow(), out var claim))
        {
            return new(policy, null, Reason.Credentials, null);
        }

        var key = keys.Build(context, policy, table.Version, authority, target, claim);
        return new(policy, key, key is null ? Reason.Unkeyable : null, claim?.ExpiresAt) { Table = table };
    }

    private CachePolicy? Taker(CachePolicyTable table, HttpContext context) =>
        KeyBuilder.Identify(context) is var (authority, target) ? Match(table, context, authority, target) : Nearest(table, context);

    private CachePolicy? Match(CachePolicyTable table, HttpContext context, string authority, string target) =>
        table.Match("GET", authority, TargetParts.Path(target), TargetParts.Query(target), new RequestHeaderSource(context.Request.Headers)) ?? defaults.Policy;

    /// <summary>The policy of what a target that cannot be keyed would be, spelt as it should be.</summary>
    private CachePolicy? Nearest(CachePolicyTable table, HttpContext context) =>
        RequestTarget.OriginForm(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget) is { } target
            ? Match(table, context, RequestTarget.NormaliseAuthority(context.Request.Headers.Host, context.Request.Scheme) ?? "", TargetSpelling.Normalise(target))
            : defaults.Policy;

    /// <summary>Whether the route tells the origin which certificate the client has (YARP's transform ClientCert): that is in no key.</summary>
    private static bool ForwardsCertificate(HttpContext context) =>
        context.Features.Get<IReverseProxyFeature>()?.Route.Config.Transforms is { Count: > 0 } transforms && transforms.Any(transform => transform.ContainsKey("ClientCert"));
}

/// <param name="Policy">Who took the request; not null where there is a key.</param>
/// <param name="Key">Null where the request passes.</param>
/// <param name="Pass">Why it passes; null where there is a key.</param>
/// <param name="NotAfter">When the identity in the key ends.</param>
internal readonly record struct KeyedRequest(CachePolicy? Policy, CacheKey? Key, Reason? Pass, DateTimeOffset? NotAfter)
{
    /// <summary>Whose rules about what passes hold, fields and time limits: the policy's; where caching is off as a whole and nothing counts for a policy, those of the one that would take it.</summary>
    public CachePolicy? Forwarding
    {
        get => field ?? Policy;
        init;
    }

    /// <summary>The snapshot that the policy is from; not null where there is a key.</summary>
    public CachePolicyTable? Table { get; init; }
}
