using System.Buffers.Text;
using System.Text;
using CacheGateway.Storage;

namespace CacheGateway.Invalidation.Redis;

/// <summary>
/// Marks as the script <see cref="FenceScripts.Marks"/> joins them, version 1, one after the other without anything between; LENGTH is that of the
/// mark in bytes:
/// <code>
///   LENGTH SP EPOCH SP MARK
///   11 1893459600031024 htproduct:7
/// </code>
/// </summary>
internal static class MarkLines
{
    /// <summary>The marks of <paramref name="text"/>, without the sentinel. Where it cannot be read it names everything: too early, never too late.</summary>
    /// <param name="text">Marks.</param>
    /// <param name="newest">The epoch of what cannot be read.</param>
    public static List<PastRaise> Read(ReadOnlySpan<byte> text, long newest)
    {
        // A mark is seldom shorter than this with its numbers.
        var marks = new List<PastRaise>(text.Length / 24);
        while (!text.IsEmpty)
        {
            if (!TryTake(ref text, out var length) || !TryTake(ref text, out var epoch) || length > text.Length)
            {
                marks.Add(new PastRaise(newest, ScopeText.Everything));
                break;
            }

            // The sentinel has no name.
            if (length > 0)
            {
                var mark = Encoding.UTF8.GetString(text[..(int)length]);
                marks.Add(ScopeText.TryReadName(mark, out var name, out var soft) ? new PastRaise(epoch, name, soft) : new PastRaise(epoch, ScopeText.OfMark(mark)));
            }

            text = text[(int)length..];
        }

        return marks;
    }

    /// <summary>A number and the space after it. Scores that Redis does not write as whole numbers are not ours.</summary>
    private static bool TryTake(ref ReadOnlySpan<byte> text, out long number)
    {
        var found = Utf8Parser.TryParse(text, out number, out var used) && number >= 0 && used < text.Length && text[used] == (byte)' ';
        if (found)
        {
            text = text[(used + 1)..];
        }

        return found;
    }
}
