using CacheGateway.Diagnostics;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Storage;
using Microsoft.AspNetCore.Http.Features;

namespace CacheGateway.Pipeline;

/// <summary>
/// Answers a plain request whose stored response is known by its URL before anything is routed, matched or keyed; every other one goes the
/// whole way (<see cref="CacheMiddleware"/>). What may be served is judged by the same functions there and here.
/// </summary>
internal sealed class HitMiddleware(
    RequestDelegate next, Shortcuts shortcuts, TieredStore store, TagEpochs epochs, LoopGuard loop, ResponseSender sender, DrainState drain,
    TimeProvider time)
{
    public Task InvokeAsync(HttpContext context) =>
        !EventThread.IsCurrent || EventThread.HasTurn(context) ? AnswerAsync(context) : AnswerLaterAsync(context);

    private async Task AnswerLaterAsync(HttpContext context)
    {
        await Task.Yield();
        await AnswerAsync(context);
    }

    private Task AnswerAsync(HttpContext context)
    {
        var startedAt = time.GetTimestamp();
        // As the server holds it, without the steps of HttpRequest in front.
        var request = (IHttpRequestFeature)context.Features[typeof(IHttpRequestFeature)]!;
        if (drain.IsDraining || !Shortcuts.IsPlain(context, request) || shortcuts.Generation is not { } generation)
        {
            return next(context);
        }

        var headers = request.Headers;
        if (store.FindByUrl(request.Scheme, headers.Host[0]!, request.RawTarget, generation, out var policy) is not { } set
            || loop.IsLoop(headers))
        {
            return next(context);
        }

        var facts = RequestReader.ReadPlain(request.Method, headers);
        var stored = VaryRules.Select(set, new RequestHeaderSource(headers), policy!, facts.Range);
        var now = Instant.MonotonicAt(time, startedAt);
        // Trust first: a sync brings the marks before it vouches for the node, so whoever finds it trusted sees them.
        if (stored is null || !epochs.IsTrusted(now, policy!.MaxBlind) || epochs.Check(stored) != Liveness.Alive)
        {
            return next(context);
        }

        var decision = ServeDecision.For(stored, variantsExist: true, facts, policy, now);
        // What is to be refreshed before it expires goes the whole way, where that is done.
        return decision.Action == ServeAction.Serve && !BackgroundRefresher.IsDue(stored, policy, decision.RemainingMs)
            ? sender.SendStoredAsync(context, policy, facts, stored, decision.Reason, ServedFrom.Memory, startedAt, now)
            : next(context);
    }
}
