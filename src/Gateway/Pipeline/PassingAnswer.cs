using CacheGateway.Diagnostics;
using CacheGateway.Http;
using CacheGateway.Interim;
using CacheGateway.Model;
using CacheGateway.Pipeline.Resilience;
using CacheGateway.Storage;
using Microsoft.AspNetCore.Http.Features;

namespace CacheGateway.Pipeline;

/// <summary>
/// Judges the answer to one request that passes under a policy (<see cref="PassThrough.ForwardAndStoreAsync"/>), and stores it beside the client where it may be: whole, or not at all.
/// </summary>
internal sealed class PassingAnswer : ForwardFeature, IDisposable
{
    private readonly PassServices _services;
    private readonly CacheRequest _request;
    private readonly StoredResponse? _stored;
    private readonly Reason _reason;
    private readonly Instant _sent;
    private readonly FillEpoch _epoch;
    private TeeBody? _tee;
    private FillHead? _head;
    private FillContext? _from;

    /// <param name="services">What it needs.</param>
    /// <param name="request">On its way to the origin from here on.</param>
    /// <param name="stored">What a HEAD is about, and what may stand in for an error.</param>
    /// <param name="reason">Why it passes.</param>
    public PassingAnswer(PassServices services, CacheRequest request, StoredResponse? stored, Reason reason)
    {
        (_services, _request, _stored, _reason) = (services, request, stored, reason);
        (_sent, _epoch, Counted) = (Instant.Now(services.Time), services.Epochs.Now, reason);
        (Target, Policy, Interim) = (request.Key.Resource.Target, request.Policy, InterimClient.For(request.Context, services.Time));
    }

    /// <summary>What the request is counted by. That nobody waited says nothing to who looks for the cause: what is not stored is counted by why it is not.</summary>
    public Reason Counted { get; private set; }

    /// <summary>How the client is answered from the store, because the origin's own answer is an error that stored one may stand in for; null where it is not.</summary>
    public ServeDecision? Stale { get; private set; }

    public override bool IsWithheld => Stale is not null;

    /// <summary>Whether what is stored may be sent in the place of no answer or an error: the same as for a fetch that was shared. Better old than none.</summary>
    public ServeDecision? StandIn(Reason failure)
    {
        if (_stored is null || _reason is not (Reason.WaitTimeout or Reason.FillBudget or Reason.HitForMiss or Reason.MethodNotCacheable))
        {
            return null;
        }

        var (epochs, policy) = (_services.Epochs, _request.Policy);
        var now = Instant.MonotonicNow(_services.Time);
        return epochs.IsTrusted(now, policy.MaxBlind) && epochs.Check(_stored) is var liveness and not Liveness.Dead
            && ServeDecision.MayServeOnError(_stored, _request.Facts, policy, now, disconnected: OriginFailure.IsDisconnected(failure), isSoft: liveness == Liveness.Soft)
            ? new ServeDecision(ServeAction.Serve, Reason.StaleIfError, _stored.Freshness.RemainingAt(now))
            : null;
    }

    public override ValueTask RespondedAsync(HttpContext context, OriginResponse response)
    {
        if (ServeDecision.IsErrorToStandInFor(response.Status) && StandIn(Reason.ResponseStatus) is { } stale)
        {
            Stale = stale;
            return ValueTask.CompletedTask;
        }

        var isHead = _request.Facts.IsHead;
        var isJudged = isHead ? _stored is not null : IsStorable(_request.Facts, _request.Policy, response.Status);
        if (isJudged && !isHead && !response.IsJudgedUnseen && _services.Unstored.RefusedAgain(_request.Key, _request.Policy, response.Status, context.Response.Headers) is { } reason)
        {
            isJudged = false;
            Counted = Cause(reason);
        }

        var isStoring = isJudged && Judge(context, response);
        var cacheStatus = isStoring
            ? CacheStatusField.Forward(CacheStatusField.Fwd(_reason), response.Status, stored: true, false, CacheStatusField.Left(_head!.Response!.Freshness, _head.Response.Freshness.InitialAge), _reason)
            : CacheStatusField.Passed(_reason, response.Status);
        PassThrough.Pass(context, _request.Policy, _services.StatusKey.On(cacheStatus, _request.Key));
        return ValueTask.CompletedTask;
    }

    /// <summary>All of the answer has come that will: what passed whole is stored.</summary>
    public async ValueTask EndAsync()
    {
        if (_tee is { IsTold: false, IsGivenUp: false })
        {
            if (_tee.IsWhole && Error is null && !_request.ClientGone.IsCancellationRequested)
            {
                await _tee.TellAsync();
            }
            else
            {
                _services.Metrics.NotStored(_request.Policy.Name, Reason.ResponseIncomplete);
            }
        }
    }

    public void Dispose() => _tee?.Dispose();

    /// <summary>
    /// Whether an answer to a request that passes may be stored, as far as the request says. Its own no-store forbids it; so does an answer that its precondition chose. A range may
    /// only be stored as what it is, and beside a part no whole is fetched for ranges.
    /// </summary>
    public static bool IsStorable(in RequestFacts facts, CachePolicy policy, int status) =>
        !facts.Directives.NoStore
        && facts.IfMatch is null && facts.IfUnmodifiedSince is null
        && (facts.Range is null || (status == StatusCodes.Status206PartialContent && facts.IfRange is null && ProfileRules.For(policy.Profile).StoresPartial && policy.RangeFetchWhole == 0))
        && status != StatusCodes.Status304NotModified;

    /// <summary>Whether it is being stored from here on.</summary>
    private bool Judge(HttpContext http, OriginResponse origin)
    {
        _from = new FillContext(_request.Key, _request.Policy, _epoch, null, _request.Facts, _request.Context.Request.Headers, _request.NotAfter);
        var lines = HopByHop.Strip(ResponseCapture.Lines(http.Response.Headers));
        var headers = HeaderField.Without(lines, origin, static (field, origin) => origin.IsAffinity(field));
        if (_request.Facts.IsHead)
        {
            if (!origin.IsJudgedUnseen)
            {
                // Where something is hidden, not all that it says can be merged into what is stored: that stays as it was.
                _services.Admission.UpdateByHead(_stored, _from, origin.Status, headers, origin.Hidden, _sent, Instant.Now(_services.Time));
            }

            return false;
        }

        _head = _services.Admission.Judge(_from, origin.Status, headers, origin, _sent, Instant.Now(_services.Time));
        Counted = _head.Kind == FillKind.Private ? Cause(_head.Reason) : _reason;
        if (headers.Length == lines.Length)
        {
            // Nothing binds this client alone, and whoever asks next is told the same from the store.
            StoredWriter.ApplyClientCacheControl(http.Response.Headers, _head.LeaderCacheControl);
        }

        if (_head.Kind != FillKind.Storable)
        {
            return false;
        }

        _tee = new TeeBody(
            http.Features.GetRequiredFeature<IHttpResponseBodyFeature>(), http.Response.ContentLength, _services.Admission.LargestBody(_request.Policy), _services.Budget, Store,
            Outgrown, _services.Time);
        http.Features.Set<IHttpResponseBodyFeature>(_tee);
        return !_tee.IsGivenUp;
    }

    private Reason Cause(Reason unstorable) => _reason == Reason.HitForMiss ? unstorable : _reason;

    private void Outgrown() => _services.Unstored.Outgrown(_from!, _head!.Status, _head.OriginHeaders, Instant.MonotonicNow(_services.Time));

    private void Store()
    {
        var finished = ResponseAdmission.Finish(_from!, _head!.Response!, _tee!.HandOver());
        if (finished is null)
        {
            _services.Unstored.Refused(_from!, _head.Status, _head.OriginHeaders, Reason.ResponseTags, null, Instant.MonotonicNow(_services.Time));
            return;
        }

        _services.Admission.Admit(_request.Key.Text, finished, _request.Policy.MaxVariants);
    }
}

/// <summary>What a <see cref="PassingAnswer"/> needs.</summary>
/// <param name="Admission">Judges and stores.</param>
/// <param name="Unstored">Told of what turns out not to be stored.</param>
/// <param name="Epochs">What had been applied before the origin was asked.</param>
/// <param name="Budget">What a copy takes its bytes from.</param>
/// <param name="StatusKey">Says the key to who may know it.</param>
/// <param name="Metrics">Counts what is not stored.</param>
/// <param name="Time">The clock.</param>
internal sealed record PassServices(
    ResponseAdmission Admission, UnstoredAnswers Unstored, TagEpochs Epochs, FillBudget Budget, StatusKey StatusKey, GatewayMetrics Metrics, TimeProvider Time);
