using System.Net;

namespace CacheGateway.Pipeline.Resilience;

/// <summary>An origin's body whose silences are limited and whose bytes are counted; only its stream is ever asked for.</summary>
internal sealed class TimedContent(HttpContent inner, TimeSpan betweenBytes, ForwardFeature? forward) : HttpContent
{
    protected override async Task<Stream> CreateContentReadStreamAsync() => new TimedStream(await inner.ReadAsStreamAsync(), betweenBytes, forward);

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        new TimedStream(await inner.ReadAsStreamAsync(cancellationToken), betweenBytes, forward);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => inner.CopyToAsync(stream, context);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
