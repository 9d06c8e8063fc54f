using Microsoft.AspNetCore.Http.Features;

namespace CacheGateway.Interim;

/// <summary>
/// Sends interim responses to one client while its request waits for a head. The request makes it, and closes it before it writes anything of
/// its own; in between the server writes nothing on that connection, because the response has not started, there is no body to answer with
/// 100, and the next request of the connection is not read before this one is answered. So there is one writer at any time.
/// </summary>
internal sealed class InterimClient : IInterimListener, IAsyncDisposable
{
    /// <summary>Longest a client may take to make room; far beyond what the small messages need.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private const int MaxMessages = 16;
    private const int MaxBytes = 16 * 1024;

    private readonly Lock _gate = new();
    private readonly InterimOutputFeature _output;
    private readonly TimeProvider _time;
    private Task _written = Task.CompletedTask;
    private int _messages;
    private int _bytes;
    private bool _closed;

    private InterimClient(InterimOutputFeature output, TimeProvider time)
    {
        _output = output;
        _time = time;
    }

    public bool IsOpen => !Volatile.Read(ref _closed);

    /// <summary>Null where the client cannot have interim responses: HTTP/1.0 and HTTP/2, a request with a body, an answer that has begun.</summary>
    public static InterimClient? For(HttpContext context, TimeProvider time) =>
        context.Request.Method is "GET" or "HEAD"
        && context.Request.Protocol == "HTTP/1.1"
        && !context.Response.HasStarted
        && context.Features.Get<InterimOutputFeature>() is { } output
        && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false }
        && context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true }
            ? new InterimClient(output, time)
            : null;

    public void Offer(ReadOnlyMemory<byte> message)
    {
        lock (_gate)
        {
            if (!_closed && _messages < MaxMessages && _bytes + message.Length <= MaxBytes)
            {
                _messages++;
                _bytes += message.Length;
                _written = WriteAfterAsync(_written, message);
            }
        }
    }

    /// <summary>Takes nothing more, and completes when all that was taken is written: from then on the connection is the server's again.</summary>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            _closed = true;
            return _written;
        }
    }

    public ValueTask DisposeAsync() => new(CloseAsync());

    private async Task WriteAfterAsync(Task previous, ReadOnlyMemory<byte> message)
    {
        // Off the origin's connection, whose reader must not run a client's writes.
        await Task.Yield();
        await previous;
        using var limit = new CancellationTokenSource(Limit, _time);
        try
        {
            await _output.Output.WriteAsync(message, limit.Token);
        }
        catch (Exception failed)
        {
            // Part of it may be on the wire (TLS): nothing that follows could be understood.
            _output.Abort(failed is OperationCanceledException ? "The client does not read." : failed.Message);
        }
    }
}
