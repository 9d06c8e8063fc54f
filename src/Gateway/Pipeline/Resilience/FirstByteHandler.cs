namespace CacheGateway.Pipeline.Resilience;

/// <summary>
/// Gives up a request without a body whose answer does not begin in time. With a body the wait begins when the body is sent, which only YARP's own
/// limit on silence knows.
/// </summary>
internal sealed class FirstByteHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is not null || !request.Options.TryGetValue(AnswerTimes.Key, out var times))
        {
            return await base.SendAsync(request, cancellationToken);
        }

        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(times.FirstByte);
        return await base.SendAsync(request, late.Token);
    }
}
