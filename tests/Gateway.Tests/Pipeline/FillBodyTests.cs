using CacheGateway.Model;
using CacheGateway.Pipeline;

namespace CacheGateway.Tests.Pipeline;

public sealed class FillBodyTests
{
    /// <summary>Both were handed everything; the one that has not written it out is what the writer waits for.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Slowest_IsTheOneThatHasNotWritten(bool isFirst)
    {
        var body = new FillBody(null, TimeProvider.System);
        var (first, second) = (body.Attach()!, body.Attach()!);
        var (slow, fast) = isFirst ? (first, second) : (second, first);
        body.BecomeWindow(FillBody.LeastWindow);

        var room = body.AppendAsync(new byte[FillBody.LeastWindow]);
        Assert.Equal(FillBody.LeastWindow, slow.Next().Length);
        Assert.Equal(FillBody.LeastWindow, fast.Next().Length);
        fast.Written();

        Assert.False(room.IsCompleted, "the slow one holds it up");
        Assert.Same(slow, body.Slowest());
        slow.Cut();
        await room.WaitAsync(TimeSpan.FromSeconds(20));
    }

    /// <summary>More is let go of than the list keeps places for.</summary>
    [Fact]
    public void Segments_OfALongStream_KeepTheirPlaces()
    {
        const int Pieces = 400;
        var segments = new FillSegments(null);
        for (var i = 0; i < Pieces; i++)
        {
            segments.Append(Filled(i));
            segments.Drop(segments.Length - (3 * BodySegments.MaxSegment));
            Assert.True(segments.Length - segments.Dropped <= 4 * BodySegments.MaxSegment, "what was passed is let go of");
            for (var at = segments.Dropped; at < segments.Length;)
            {
                var piece = segments.PieceAt(at, segments.Length);
                Assert.Equal((byte)(at / BodySegments.MaxSegment), piece.Span[0]);
                Assert.Equal(piece.Length, piece.Span.IndexOfAnyExcept(piece.Span[0]) is var other and not -1 ? other : piece.Length);
                at += piece.Length;
            }
        }

        Assert.Equal(Pieces * (long)BodySegments.MaxSegment, segments.Length);

        static byte[] Filled(int i)
        {
            var bytes = new byte[BodySegments.MaxSegment];
            Array.Fill(bytes, (byte)i);
            return bytes;
        }
    }
}
