using System.Collections.Concurrent;

namespace CacheGateway.Pipeline.Resilience;

/// <summary>
/// Gives up a request without a body whose answer does not begin in time. With a body the wait begins when the body is sent, which only YARP's own
/// limit on silence knows.
/// </summary>
internal sealed class FirstByteHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <summary>Timers kept for later requests; beyond these each makes its own.</summary>
    private const int MostSpare = 1024;

    private static readonly ConcurrentQueue<CancellationTokenSource> Spare = new();

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        request.Content is null && request.Options.TryGetValue(AnswerTimes.Key, out var times)
            ? TimedAsync(request, times.FirstByte, cancellationToken)
            : base.SendAsync(request, cancellationToken);

    private async Task<HttpResponseMessage> TimedAsync(HttpRequestMessage request, TimeSpan limit, CancellationToken cancellationToken)
    {
        var late = Spare.TryDequeue(out var spare) ? spare : new CancellationTokenSource();
        late.CancelAfter(limit);
        try
        {
            // Its end waits for a cancellation that is just being passed on: none reaches the next request that takes this timer.
            await using var gone = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), late);
            return await base.SendAsync(request, late.Token);
        }
        finally
        {
            if (Spare.Count < MostSpare && late.TryReset())
            {
                Spare.Enqueue(late);
            }
            else
            {
                late.Dispose();
            }
        }
    }
}
