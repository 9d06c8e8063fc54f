using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using CacheGateway.Framing;

namespace CacheGateway.Tests.Framing;

/// <summary>Reads that have to wait, as nearly all of a connection do.</summary>
[SuppressMessage("Reliability", "CA2012", Justification = "How a read is waited for, and what happens where it is done wrongly, is what these are about.")]
public sealed class JudgedReadTests
{
    private static readonly byte[] Head = "GET / HTTP/1.1\r\nHost: gw.test\r\n\r\n"u8.ToArray();

    private readonly Pipe _pipe = new(new PipeOptions(readerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
    private readonly GuardedReader _guard;

    public JudgedReadTests() => _guard = new GuardedReader(_pipe.Reader, _ => { });

    [Fact]
    public async Task Wait_EndsWithWhatCame_JudgedAsEver()
    {
        var reading = _guard.ReadAsync(TestContext.Current.CancellationToken);
        Assert.False(reading.IsCompleted, "nothing is there");
        await _pipe.Writer.WriteAsync((byte[])[.. Head, .. "GET /next"u8], TestContext.Current.CancellationToken);

        var read = await reading;

        // One message at a time.
        Assert.Equal(Head.Length, read.Buffer.Length);
    }

    [Fact]
    public async Task Cancelled_TheWaitEnds_AndTheNextWaitsAgain()
    {
        var reading = _guard.ReadAsync(TestContext.Current.CancellationToken);
        _guard.CancelPendingRead();
        var read = await reading;
        Assert.True(read.IsCanceled);
        _guard.AdvanceTo(read.Buffer.Start);

        reading = _guard.ReadAsync(TestContext.Current.CancellationToken);
        Assert.False(reading.IsCompleted);
        await _pipe.Writer.WriteAsync(Head, TestContext.Current.CancellationToken);

        Assert.Equal(Head.Length, (await reading).Buffer.Length);
    }

    [Fact]
    public async Task EndedByItsToken_IsCancelled()
    {
        using var end = new CancellationTokenSource();
        var reading = _guard.ReadAsync(end.Token);
        await end.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reading);
    }

    [Fact]
    public async Task BrokenConnection_IsSaidToTheOneWhoWaits()
    {
        var reading = _guard.ReadAsync(TestContext.Current.CancellationToken);
        await _pipe.Writer.CompleteAsync(new IOException("reset"));

        Assert.Equal("reset", (await Assert.ThrowsAsync<IOException>(async () => await reading)).Message);
    }

    [Fact]
    public async Task WhoAsksForIt_HasItsContextAfterTheWait()
    {
        var local = new AsyncLocal<string> { Value = "mine" };
        var seen = new TaskCompletionSource<string?>();
        _guard.ReadAsync(TestContext.Current.CancellationToken).GetAwaiter().OnCompleted(() => seen.SetResult(local.Value));
        using (ExecutionContext.SuppressFlow())
        {
            local.Value = "another";
        }

        await _pipe.Writer.WriteAsync(Head, TestContext.Current.CancellationToken);

        Assert.Equal("mine", await seen.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Result_IsTakenOnce()
    {
        var reading = _guard.ReadAsync(TestContext.Current.CancellationToken);
        await _pipe.Writer.WriteAsync(Head, TestContext.Current.CancellationToken);
        _guard.AdvanceTo((await reading).Buffer.End);
        _ = _guard.ReadAsync(TestContext.Current.CancellationToken);

        Assert.Throws<InvalidOperationException>(() => reading.GetAwaiter().GetResult());
    }

    [Fact]
    public void Waits_CostNoMemory()
    {
        const int Waits = 10_000;
        var (heads, written) = (0, 0);
        var reading = CountAsync();
        Write(1000);

        var allocated = Allocated.Least(() => Write(Waits));

        Assert.Equal(written, heads);
        Assert.InRange(allocated, 0, 1024);
        Assert.False(reading.IsCompleted);

        async Task CountAsync()
        {
            while (true)
            {
                var read = await _guard.ReadAsync();
                heads++;
                _guard.AdvanceTo(read.Buffer.End);
            }
        }

        void Write(int count)
        {
            written += count;
            for (var i = 0; i < count; i++)
            {
                Head.CopyTo(_pipe.Writer.GetSpan(Head.Length));
                _pipe.Writer.Advance(Head.Length);
                _ = _pipe.Writer.FlushAsync();
            }
        }
    }
}
