using CacheGateway.Interim;
using CacheGateway.Pipeline.Resilience;

namespace CacheGateway.Pipeline;

/// <summary>
/// Where a request goes to the origin's connection: begins its time limits, lets its content go on piece by piece, and tells that connection who hears of its interim responses. The first limit is
/// that of the first byte, where there is no body to send: with one, the wait begins when it is sent, which only YARP's own limit on silence knows.
/// </summary>
internal sealed class ExchangeHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!request.Options.TryGetValue(ForwardFeature.Key, out var forward))
        {
            return base.SendAsync(request, cancellationToken);
        }

        if (forward.Times is { } times)
        {
            var timer = forward.Timer = AnswerTimer.Begin(cancellationToken);
            cancellationToken = timer.Token;
            if (!forward.HasContent)
            {
                timer.Wait(times.FirstByte);
            }
        }

        if (forward.HasContent && request.Content is { } content)
        {
            request.Content = new PromptContent(content, forward);
        }

        return forward is { MayBeEvents: true, Times: { } limits } ? SendInTimeAsync(request, forward, limits.FirstByte, cancellationToken) : SendOnAsync(request, forward, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendInTimeAsync(HttpRequestMessage request, ForwardFeature forward, TimeSpan firstByte, CancellationToken cancellationToken)
    {
        var limit = forward.HeadLimit = new HeadLimit(firstByte, cancellationToken);
        try
        {
            return await SendOnAsync(request, forward, limit.Token);
        }
        finally
        {
            limit.End();
        }
    }

    private Task<HttpResponseMessage> SendOnAsync(HttpRequestMessage request, ForwardFeature forward, CancellationToken cancellationToken)
    {
        if (forward.Listener is not { } listener)
        {
            return base.SendAsync(request, cancellationToken);
        }

        // Who goes on below has it with them from here; who waits above goes on without.
        InterimScope.Current = listener;
        try
        {
            return base.SendAsync(request, cancellationToken);
        }
        finally
        {
            InterimScope.Current = null;
        }
    }
}
