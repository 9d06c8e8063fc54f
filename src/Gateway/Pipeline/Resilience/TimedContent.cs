using System.Net;

namespace CacheGateway.Pipeline.Resilience;

/// <summary>An origin's body whose silences are limited and whose bytes are counted; only its stream is ever asked for.</summary>
internal sealed class TimedContent(HttpContent inner, ForwardFeature forward) : HttpContent
{
    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) =>
        new TimedStream(inner.ReadAsStream(cancellationToken), forward);

    protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult(CreateContentReadStream(CancellationToken.None));

    protected override Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        Task.FromResult(CreateContentReadStream(cancellationToken));

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
