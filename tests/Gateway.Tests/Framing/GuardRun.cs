using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using CacheGateway.Framing;

namespace CacheGateway.Tests.Framing;

/// <summary>One connection's bytes, in pieces, through the guard to a reader that takes whole lines as the server does.</summary>
/// <param name="Fault">What the guard refused; None = everything was shown.</param>
/// <param name="Shown">What the server saw, which is never more than what came.</param>
internal sealed record GuardRun(FramingFault Fault, string Shown)
{
    private static readonly string Nonsense = Encoding.Latin1.GetString(GuardedReader.Nonsense.ToArray());

    public static GuardRun Of(string bytes, params int[] cuts)
    {
        // Small segments, so that lines lie across them as well as across pieces.
        var pipe = new Pipe(new PipeOptions(minimumSegmentSize: 1, pauseWriterThreshold: 0, useSynchronizationContext: false));
        var fault = FramingFault.None;
        var guard = new GuardedReader(pipe.Reader, found => fault = found);
        var shown = new StringBuilder();
        var raw = Encoding.Latin1.GetBytes(bytes);
        var ended = false;
        var left = "";
        foreach (var piece in Pieces(raw, cuts))
        {
            pipe.Writer.Write(piece.Span);
            pipe.Writer.FlushAsync().AsTask().Wait();
            ended = ended || ReadAll(guard, shown, ref left);
        }

        pipe.Writer.Complete();
        if (!ended)
        {
            ReadAll(guard, shown, ref left);
        }

        return new GuardRun(fault, shown.ToString());
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Pieces(byte[] raw, int[] cuts)
    {
        var from = 0;
        foreach (var cut in cuts.Where(cut => cut > 0 && cut < raw.Length).Distinct().Order().Append(raw.Length))
        {
            yield return raw.AsMemory(from, cut - from);
            from = cut;
        }
    }

    /// <summary>Takes what is there; true once the stream has ended.</summary>
    private static bool ReadAll(GuardedReader guard, StringBuilder shown, ref string left)
    {
        while (guard.TryRead(out var read))
        {
            // Shown again without more behind it, it is the end of a body.
            var text = Encoding.Latin1.GetString(read.Buffer.ToArray());
            var taken = read.IsCompleted || (text == left && text.Length > 0) ? text.Length : text.LastIndexOf('\n') + 1;
            shown.Append(text, 0, taken);
            guard.AdvanceTo(read.Buffer.GetPosition(taken), read.Buffer.End);
            left = text[taken..];
            if (text == Nonsense)
            {
                shown.Length -= taken;
                return true;
            }

            if (read.IsCompleted)
            {
                return true;
            }
        }

        return false;
    }
}
