using System.Net;

namespace CacheGateway.Pipeline;

/// <summary>
/// A request's content of which each piece goes on to the origin when it is there. The client library would gather some kilobytes first, and what two programs tell each other
/// in small pieces would wait for ever.
/// </summary>
internal sealed class PromptContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly ForwardFeature _forward;

    /// <param name="inner">YARP's.</param>
    /// <param name="forward">Told when it is read.</param>
    public PromptContent(HttpContent inner, ForwardFeature forward)
    {
        (_inner, _forward) = (inner, forward);
        foreach (var (name, values) in inner.Headers.NonValidated)
        {
            Headers.TryAddWithoutValidation(name, values);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        _forward.IsContentTaken = true;
        return CopyAsync(new PromptStream(stream, _forward), context, cancellationToken);
    }

    private async Task CopyAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        _forward.AwaitsClient = true;
        await _inner.CopyToAsync(stream, context, cancellationToken);
        _forward.AwaitsClient = false;
        _forward.HeadLimit?.Begin();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength ?? 0;
        return _inner.Headers.ContentLength is not null;
    }

    private sealed class PromptStream(Stream inner, ForwardFeature forward) : WriteOnlyStream
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            forward.AwaitsClient = false;
            await inner.WriteAsync(buffer, cancellationToken);
            await inner.FlushAsync(cancellationToken);
            forward.AwaitsClient = true;
        }

        public override async Task FlushAsync(CancellationToken cancellationToken)
        {
            forward.AwaitsClient = false;
            await inner.FlushAsync(cancellationToken);
            forward.AwaitsClient = true;
        }
    }
}
