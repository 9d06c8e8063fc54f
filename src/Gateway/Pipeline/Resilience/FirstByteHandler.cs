namespace CacheGateway.Pipeline.Resilience;

/// <summary>
/// Begins the time limits of a request. The first is that of the first byte, where there is no body to send: with one, the wait begins when it is sent, which
/// only YARP's own limit on silence knows.
/// </summary>
internal sealed class FirstByteHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!request.Options.TryGetValue(ForwardFeature.Key, out var forward) || forward.Times is not { } times)
        {
            return base.SendAsync(request, cancellationToken);
        }

        var timer = forward.Timer = AnswerTimer.Begin(cancellationToken);
        if (!forward.HasContent)
        {
            timer.Wait(times.FirstByte);
        }

        return base.SendAsync(request, timer.Token);
    }
}
