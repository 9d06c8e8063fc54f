using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using CacheGateway.Interim;

namespace CacheGateway.Tests.Interim;

/// <summary>Writes to a connection that is read ahead: the client library takes what it read only when its request is written.</summary>
[SuppressMessage("Reliability", "CA2012", Justification = "A read whose result nobody takes yet is what this is about.")]
public sealed class OriginStreamTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FailedWrite_EndsWithTheRead_ThoughNobodyTookItYet(bool hasAnswer)
    {
        var inner = new BrokenConnection();
        await using var stream = new OriginStream(inner, static () => false, static () => false, TimeProvider.System);
        var ahead = stream.ReadAsync(new byte[16], TestContext.Current.CancellationToken);
        var write = stream.WriteAsync("POST"u8.ToArray(), TestContext.Current.CancellationToken).AsTask();
        Assert.False(write.IsCompleted, "there may be an answer yet");

        inner.EndRead(hasAnswer);

        var ended = write.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        if (hasAnswer)
        {
            await ended;
            Assert.Equal(1, await ahead);
        }
        else
        {
            await Assert.ThrowsAsync<IOException>(() => ended);
            await Assert.ThrowsAnyAsync<IOException>(async () => await ahead);
        }
    }

    /// <summary>Takes nothing, and may have said something before.</summary>
    private sealed class BrokenConnection : MemoryStream
    {
        private readonly TaskCompletionSource<int> _read = new();

        public void EndRead(bool hasAnswer)
        {
            if (hasAnswer)
            {
                _read.SetResult(1);
            }
            else
            {
                _read.SetException(Reset());
            }
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(_read.Task);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromException(Reset());

        private static IOException Reset() => new("reset", new SocketException((int)SocketError.ConnectionReset));
    }
}
