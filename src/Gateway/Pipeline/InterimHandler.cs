using CacheGateway.Interim;

namespace CacheGateway.Pipeline;

/// <summary>Tells the connection that a request is written to who hears of its interim responses.</summary>
internal sealed class InterimHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!request.Options.TryGetValue(ForwardFeature.Key, out var forward) || forward.Listener is not { } listener)
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
