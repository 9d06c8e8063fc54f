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

    /// <summary>The server takes fewer bytes than the answer's length for a mistake of the application, unless it is told that the client is gone.</summary>
    [Fact]
    public async Task ClientThatLeaves_IsGivenUp_AndNothingMoreIsCounted()
    {
        var stored = Sets.Response().With(new BodySegments([.. Enumerable.Range(0, 7).Select(_ => new byte[BodySegments.MaxSegment])]), null, false, []);
        var pipe = Server();
        var context = new DefaultHttpContext();
        var client = new Client();
        context.Features.Set<IHttpResponseBodyFeature>(new PipeBody(pipe.Writer));
        context.Features.Set<IHttpRequestLifetimeFeature>(client);

        var writing = StoredWriter.WriteAsync(context, new MemoryTier(1_000_000), default, stored, age: 0, "x").AsTask();
        var read = await pipe.Reader.ReadAsync();
        var taken = read.Buffer.Length;
        pipe.Reader.AdvanceTo(read.Buffer.End);
        await pipe.Reader.ReadAsync();
        await pipe.Reader.CompleteAsync();

        Assert.Equal(taken, await writing);
        Assert.True(client.IsGivenUp);
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

    private sealed class Client : IHttpRequestLifetimeFeature
    {
        public bool IsGivenUp { get; private set; }

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => IsGivenUp = true;
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
