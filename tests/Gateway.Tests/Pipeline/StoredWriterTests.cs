using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Pipeline;
using CacheGateway.Storage;
using CacheGateway.Tests.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CacheGateway.Tests.Pipeline;

public sealed class StoredWriterTests
{
    /// <summary>Whatever is asked for, a client that takes its time holds no more than two segments of the server's buffers, and gets every byte once.</summary>
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(BodySegments.MaxSegment - 1, 1)]
    [InlineData(BodySegments.MaxSegment, BodySegments.MaxSegment)]
    [InlineData((2 * BodySegments.MaxSegment) + 10, 20)]
    public async Task LargeBody_LiesInTheServersBuffersByTwoSegmentsAtMost(int first, int beforeEnd)
    {
        byte[][] segments = [.. Enumerable.Range(0, 7).Select(_ => RandomNumberGenerator.GetBytes(BodySegments.MaxSegment)), RandomNumberGenerator.GetBytes(100)];
        var whole = segments.SelectMany(segment => segment).ToArray();
        var stored = Sets.Response().With(new BodySegments(segments), null, false, []);
        var pipe = Server();
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpResponseBodyFeature>(new PipeBody(pipe.Writer));
        var last = whole.Length - 1 - beforeEnd;

        var writing = WriteAsync();
        var (most, received) = await ReadAsync(pipe.Reader);

        Assert.Equal(whole[first..(last + 1)], received);
        Assert.Equal(received.Length, await writing);
        Assert.InRange(most, BodySegments.MaxSegment, 2 * BodySegments.MaxSegment);

        async Task<long> WriteAsync()
        {
            var sent = await StoredWriter.WriteAsync(context, new MemoryTier(1_000_000), new RequestFacts { Range = $"bytes={first}-{last}" }, stored, age: 0, "x");
            await pipe.Writer.CompleteAsync();
            return sent;
        }
    }

    /// <summary>As the server has them for each connection; what a client is sent next is all that lies there.</summary>
    private static Pipe Server()
    {
        var most = new KestrelServerLimits().MaxResponseBufferSize!.Value;
        return new Pipe(new PipeOptions(pauseWriterThreshold: most, resumeWriterThreshold: most / 2, useSynchronizationContext: false));
    }

    private static async Task<(long Most, byte[] Received)> ReadAsync(PipeReader reader)
    {
        var received = new ArrayBufferWriter<byte>();
        var most = 0L;
        while (true)
        {
            var result = await reader.ReadAsync();
            most = Math.Max(most, result.Buffer.Length);
            foreach (var piece in result.Buffer)
            {
                received.Write(piece.Span);
            }

            reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return (most, received.WrittenSpan.ToArray());
            }
        }
    }

    private sealed class PipeBody(PipeWriter writer) : IHttpResponseBodyFeature
    {
        public Stream Stream => writer.AsStream();

        public PipeWriter Writer => writer;

        public void DisableBuffering()
        {
        }

        public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task CompleteAsync() => Task.CompletedTask;

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
