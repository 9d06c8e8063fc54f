using System.IO.Pipelines;
using CacheGateway.Model;
using CacheGateway.Storage;
using Microsoft.AspNetCore.Http.Features;

namespace CacheGateway.Pipeline;

/// <summary>
/// Copies what passes to a client, so that it can be stored if it turns out whole. It never delays the client: what does not fit the budget
/// ends the copy, not the response. A body of announced length is told of before its last piece goes on: whoever has read the whole finds it stored.
/// </summary>
internal sealed class TeeBody : WriteOnlyStream, IHttpResponseBodyFeature
{
    private readonly IHttpResponseBodyFeature _client;
    private readonly FillBudget _budget;
    private readonly long _limit;
    private Action? _whole;
    private PipeWriter? _writer;
    private FillBody? _copy;
    private readonly Action _outgrown;
    private long _held;

    /// <param name="client">Where it goes on to.</param>
    /// <param name="expected">Announced length in bytes, or null.</param>
    /// <param name="limit">Longest body to copy, in bytes.</param>
    /// <param name="budget">What the copy takes its bytes from.</param>
    /// <param name="whole">Called once when the announced length is met, or <see cref="TellAsync"/> says that all has come; on a thread that may be kept for a while.</param>
    /// <param name="outgrown">Called once when it turns out to be longer than the limit.</param>
    /// <param name="time">The clock.</param>
    public TeeBody(IHttpResponseBodyFeature client, long? expected, long limit, FillBudget budget, Action whole, Action outgrown, TimeProvider time)
    {
        _outgrown = outgrown;
        _client = client;
        _whole = whole;
        _budget = budget;
        _limit = limit;
        _copy = new FillBody(expected, time);
        Keep(expected ?? 0);
    }

    /// <summary>Nothing is copied any more: it does not fit.</summary>
    public bool IsGivenUp => _copy is null;

    /// <summary>Everything that passed was copied, and it was as long as announced.</summary>
    public bool IsWhole => _copy is { IsAsAnnounced: true };

    /// <summary>It was told of the whole.</summary>
    public bool IsTold => _whole is null;

    Stream IHttpResponseBodyFeature.Stream => this;

    public PipeWriter Writer => _writer ??= PipeWriter.Create(this, new StreamPipeWriterOptions(leaveOpen: true));

    /// <summary>The copy, unless it was given up: its bytes are whoever takes it to count, and nothing is held for it here any more.</summary>
    public BodySegments HandOver()
    {
        var whole = _copy!.ToSegments();
        GiveUp();
        return whole;
    }

    public void DisableBuffering() => _client.DisableBuffering();

    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (IsMet)
        {
            await TellAsync();
        }

        await _client.StartAsync(cancellationToken);
    }

    public Task CompleteAsync() => _client.CompleteAsync();

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default)
    {
        GiveUp();
        return _client.SendFileAsync(path, offset, count, cancellationToken);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_copy is { } copy && Keep(copy.Length + buffer.Length))
        {
            // Not windowed: the task is complete.
            _ = copy.AppendAsync(buffer);
            if (IsMet)
            {
                return WriteLastAsync(buffer, cancellationToken);
            }
        }

        return _client.Stream.WriteAsync(buffer, cancellationToken);
    }

    /// <summary>Tells of the whole, once. Whoever waited for the client may be on the thread that its connection was heard of on: what follows takes longer than to pass a piece on.</summary>
    public async ValueTask TellAsync()
    {
        if (_whole is { } whole)
        {
            _whole = null;
            if (EventThread.IsCurrent)
            {
                await Task.Yield();
            }

            whole();
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => _client.Stream.FlushAsync(cancellationToken);

    protected override void Dispose(bool disposing)
    {
        GiveUp();
        base.Dispose(disposing);
    }

    /// <summary>As much has come as was announced.</summary>
    private bool IsMet => _copy is { } copy && copy.Expected == copy.Length;

    private async ValueTask WriteLastAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        await TellAsync();
        await _client.Stream.WriteAsync(buffer, cancellationToken);
    }

    /// <summary>Takes what is missing to so many bytes; false where it does not fit, and nothing is kept any more.</summary>
    private bool Keep(long length)
    {
        if (length <= _held)
        {
            return true;
        }

        if (length > _limit || !_budget.TryTakeCopy(length - _held, length))
        {
            GiveUp();
            if (length > _limit)
            {
                _outgrown();
            }

            return false;
        }

        _held = length;
        return true;
    }

    /// <summary>At once, not at the end of a response that a slow client may draw out: what is held is needed elsewhere.</summary>
    private void GiveUp()
    {
        _copy = null;
        _budget.ReturnCopy(_held);
        _held = 0;
    }
}
