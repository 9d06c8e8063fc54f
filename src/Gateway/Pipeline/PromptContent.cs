using System.Net;
using CacheGateway.Interim;

namespace CacheGateway.Pipeline;

/// <summary>
/// A request's content of which each piece goes on to the origin when it is there. The client library would gather some kilobytes first, and what two programs tell each other
/// in small pieces would wait for ever. Where the origin is gone behind its answer the content ends there: the library reads that answer only when all is written.
/// </summary>
internal sealed class PromptContent : HttpContent
{
    /// <summary>So many bytes may be left out behind an answer; a request that announced more fails, and its answer is not read. They are counted piece by piece, and no client may keep a processor busy with that.</summary>
    private const long MostLeftOut = 1L << 34;

    /// <summary>Nobody reads them.</summary>
    private static readonly byte[] Nothing = new byte[1024 * 1024];

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
        return CopyAsync(stream, context, cancellationToken);
    }

    private async Task CopyAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var scope = ContentScope.Begin();
        var prompt = new PromptStream(stream, _forward, scope);
        _forward.AwaitsClient = true;
        // YARP's ends where it cannot write, and throws only where it cannot read.
        await _inner.CopyToAsync(prompt, context, cancellationToken);
        if (scope.IsRefused && _inner.Headers.ContentLength is { } length)
        {
            await LeaveOutAsync(stream, length - prompt.Written, cancellationToken);
        }

        _forward.AwaitsClient = false;
        _forward.HeadLimit?.Begin();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength ?? 0;
        return _inner.Headers.ContentLength is not null;
    }

    /// <summary>The library insists on as much as the head announced. None of it is sent: the connection takes nothing any more.</summary>
    private static async Task LeaveOutAsync(Stream refused, long bytes, CancellationToken cancellationToken)
    {
        if (bytes > MostLeftOut)
        {
            throw new IOException("The origin takes no more of the content.");
        }

        for (; bytes > 0; bytes -= Nothing.Length)
        {
            await refused.WriteAsync(Nothing.AsMemory(0, (int)Math.Min(bytes, Nothing.Length)), cancellationToken);
        }
    }

    private sealed class PromptStream(Stream inner, ForwardFeature forward, ContentScope scope) : WriteOnlyStream
    {
        /// <summary>Bytes given to the library, whatever became of them.</summary>
        public long Written { get; private set; }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            AwaitOrigin();
            Written += buffer.Length;
            await inner.WriteAsync(buffer, cancellationToken);
            await inner.FlushAsync(cancellationToken);
            if (scope.IsRefused)
            {
                throw new IOException("The origin takes no more of the content, behind its answer.");
            }

            AwaitClient();
        }

        public override async Task FlushAsync(CancellationToken cancellationToken)
        {
            AwaitOrigin();
            await inner.FlushAsync(cancellationToken);
            AwaitClient();
        }

        private void AwaitOrigin()
        {
            forward.AwaitsClient = false;
            forward.HeadLimit?.Begin();
        }

        private void AwaitClient()
        {
            forward.HeadLimit?.Pause();
            forward.AwaitsClient = true;
        }
    }
}
