using System.IO.Pipelines;
using CacheGateway.Model;
using Microsoft.AspNetCore.Http.Features;

namespace CacheGateway.Pipeline;

/// <summary>
/// The response side of a detached request: what YARP writes here goes to a sink instead of a socket. The head is handed over once,
/// before the first body byte or at the end of a response without a body.
/// </summary>
internal sealed class ResponseCapture : WriteOnlyStream, IHttpResponseFeature, IHttpResponseBodyFeature
{
    /// <summary>Room for these from the start: more than most answers have.</summary>
    private const int UsualFields = 10;

    private readonly ICaptureSink _sink;
    private List<(Func<object, Task> Callback, object State)>? _completed;
    private PipeWriter? _writer;
    private int _statusCode = StatusCodes.Status200OK;

    public ResponseCapture(ICaptureSink sink) => _sink = sink;

    public int StatusCode
    {
        get => _statusCode;
        set
        {
            ThrowIfStarted();
            _statusCode = value;
        }
    }

    public string? ReasonPhrase { get; set; }

    public IHeaderDictionary Headers { get; set; } = new HeaderDictionary(UsualFields);

    public bool HasStarted { get; private set; }

    Stream IHttpResponseFeature.Body
    {
        get => this;
        set => throw new NotSupportedException("The body of a detached fetch has one sink.");
    }

    Stream IHttpResponseBodyFeature.Stream => this;

    public PipeWriter Writer => _writer ??= PipeWriter.Create(this, new StreamPipeWriterOptions(leaveOpen: true));

    public void OnStarting(Func<object, Task> callback, object state)
    {
        // Session affinity sets its cookie directly; nothing in the forwarding pipeline of a fetch defers to here.
    }

    public void OnCompleted(Func<object, Task> callback, object state) => (_completed ??= []).Add((callback, state));

    public async ValueTask RunCompletedAsync()
    {
        foreach (var (callback, state) in _completed ?? [])
        {
            await callback(state);
        }
    }

    /// <summary>Hands the head over, unless that was done.</summary>
    public void Start()
    {
        if (!HasStarted)
        {
            HasStarted = true;
            _sink.Started(_statusCode, Lines(Headers));
        }
    }

    public Task StartAsync(CancellationToken cancellationToken = default)
    {
        Start();
        _sink.Flushed();
        return Task.CompletedTask;
    }

    public Task CompleteAsync() => StartAsync();

    public void DisableBuffering()
    {
        // Every write is visible to readers at once.
    }

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("A detached fetch forwards; it never sends files.");

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Start();
        return buffer.IsEmpty ? ValueTask.CompletedTask : _sink.WriteAsync(buffer);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => StartAsync(cancellationToken);

    /// <summary>The field lines as they stand, each line for itself, in the order they were set.</summary>
    public static HeaderField[] Lines(IHeaderDictionary headers)
    {
        var lines = new HeaderField[headers.Count];
        var count = 0;
        foreach (var (name, values) in headers)
        {
            foreach (var value in values)
            {
                if (count == lines.Length)
                {
                    Array.Resize(ref lines, count * 2);
                }

                lines[count++] = new HeaderField(name, value ?? "");
            }
        }

        return count == lines.Length ? lines : lines[..count];
    }

    private void ThrowIfStarted()
    {
        if (HasStarted)
        {
            throw new InvalidOperationException("The head of the response was already handed over.");
        }
    }
}

/// <summary>Where a captured response goes.</summary>
internal interface ICaptureSink
{
    /// <summary>The head, once, before any body byte.</summary>
    void Started(int status, HeaderField[] headers);

    /// <summary>What was handed over until now is to go on.</summary>
    void Flushed();

    /// <summary>A piece of the body; the returned task holds the origin back.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes);
}
