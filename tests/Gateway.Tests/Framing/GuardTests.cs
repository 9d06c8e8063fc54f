using System.IO.Pipelines;
using System.Text;
using CacheGateway.Framing;

namespace CacheGateway.Tests.Framing;

/// <summary>The guard lets pass everything that is by the book, refuses what is not, and does not care how the bytes are cut.</summary>
public sealed class GuardTests
{
    private const string Get = "GET /a HTTP/1.1\r\nHost: gw.test\r\n";
    private const string Chunked = Get + "Transfer-Encoding: chunked\r\n\r\n";

    [Fact]
    public void LegalStreams_AreShownWhole_HoweverTheyAreCut()
    {
        for (var seed = 0; seed < 3000; seed++)
        {
            var stream = LegalStream.Of(seed);
            var dice = new Random(seed);

            var run = GuardRun.Of(stream, [.. Enumerable.Range(0, dice.Next(12)).Select(_ => dice.Next(stream.Length))]);

            Assert.True(run == new GuardRun(FramingFault.None, stream), $"seed {seed}: {run.Fault}");
        }

        Counted.Leave("fuzz cases", 3000);
    }

    /// <summary>As the server does when the client left before its body was read.</summary>
    [Theory]
    [InlineData(Get + "Content-Length: 5\r\n\r\nhello")]
    [InlineData(Chunked + "5\r\nhello\r\n0\r\n\r\n")]
    public async Task BodyThatTheServerTakesForAHead_IsNotShownForEver(string bytes)
    {
        var pipe = new Pipe();
        var fault = FramingFault.None;
        var guard = new GuardedReader(pipe.Reader, found => fault = found);
        await pipe.Writer.WriteAsync(Encoding.Latin1.GetBytes(bytes + Get));
        await pipe.Writer.CompleteAsync();
        guard.AdvanceTo((await guard.ReadAsync(TestContext.Current.CancellationToken)).Buffer.End);

        var looks = 0;
        ReadResult read;
        while (!(read = await guard.ReadAsync(TestContext.Current.CancellationToken)).IsCompleted && ++looks < 10)
        {
            guard.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }

        // Twice the body, and what the server refuses.
        Assert.Equal((3, FramingFault.Disagreement), (looks, fault));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\nHost: x\n\n", FramingFault.LineEnd)]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n", FramingFault.LineEnd)]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nA: \0\r\n\r\n", FramingFault.ControlCharacter)]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nA: \u007f\r\n\r\n", FramingFault.ControlCharacter)]
    [InlineData("GET  / HTTP/1.1\r\nHost: x\r\n\r\n", FramingFault.RequestLine)]
    [InlineData("GET /\r\n\r\n", FramingFault.RequestLine)]
    [InlineData("\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", FramingFault.RequestLine)]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n y: z\r\n\r\n", FramingFault.Folded)]
    [InlineData("GET / HTTP/1.1\r\nHost : x\r\n\r\n", FramingFault.FieldName)]
    [InlineData("GET / HTTP/1.1\r\n: x\r\n\r\n", FramingFault.FieldName)]
    [InlineData("GET / HTTP/1.1\r\nx\r\n\r\n", FramingFault.FieldName)]
    [InlineData("GET / HTTP/1.1\r\nHost:\r\n\r\n", FramingFault.Host)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", FramingFault.Host)]
    [InlineData(Get + "Content-Length: +5\r\n\r\nhello", FramingFault.ContentLength)]
    [InlineData(Get + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", FramingFault.ContentLength)]
    [InlineData(Get + "Content-Length: 9223372036854775808\r\n\r\nhello", FramingFault.ContentLength)]
    [InlineData(Get + "Transfer-Encoding: gzip, chunked\r\n\r\n", FramingFault.TransferEncoding)]
    [InlineData("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", FramingFault.TransferEncoding)]
    [InlineData(Get + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", FramingFault.TwoFramings)]
    [InlineData(Chunked + "80000000\r\n", FramingFault.ChunkSize)]
    [InlineData(Chunked + "\r\n", FramingFault.ChunkSize)]
    [InlineData(Chunked + "1;\r\nx\r\n0\r\n\r\n", FramingFault.ChunkExtension)]
    [InlineData(Chunked + "1;a\nx\r\n0\r\n\r\n", FramingFault.LineEnd)]
    [InlineData(Chunked + "1\rx\r\n0\r\n\r\n", FramingFault.LineEnd)]
    [InlineData(Chunked + "1\r\nxx\r\n0\r\n\r\n", FramingFault.ChunkEnd)]
    [InlineData(Chunked + "0\r\nHost: b\r\n\r\n", FramingFault.Trailer)]
    [InlineData(Chunked + "0\r\nA b: c\r\n\r\n", FramingFault.FieldName)]
    public void Faults_AreTheSame_AtEveryCut(string bytes, object expected)
    {
        for (var cut = 0; cut < bytes.Length; cut++)
        {
            var run = GuardRun.Of("GET /before HTTP/1.1\r\nHost: x\r\n\r\n" + bytes, 33 + cut, 34 + cut);

            Assert.Equal(expected, run.Fault);
            Assert.DoesNotContain("hello", run.Shown, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void DamagedStreams_GiveOneVerdict_HoweverTheyAreCut()
    {
        for (var seed = 0; seed < 3000; seed++)
        {
            var dice = new Random(seed);
            var stream = LegalStream.Of(seed).ToCharArray();
            for (var damages = dice.Next(1, 4); damages > 0; damages--)
            {
                stream[dice.Next(stream.Length)] = dice.Next(3) switch { 0 => (char)dice.Next(256), 1 => "\r\n\0 \t:;,\"="[dice.Next(10)], _ => '0' };
            }

            var text = new string(stream);
            var whole = GuardRun.Of(text);
            var pieces = GuardRun.Of(text, [.. Enumerable.Range(0, text.Length)]);

            Assert.True(whole.Fault == pieces.Fault, $"seed {seed}: {whole.Fault} whole, {pieces.Fault} byte by byte");
            Assert.StartsWith(whole.Shown, text, StringComparison.Ordinal);
            Assert.StartsWith(pieces.Shown, text, StringComparison.Ordinal);
        }

        Counted.Leave("fuzz cases", 3000);
    }
}
