using System.Buffers.Text;
using CacheGateway.Storage;

namespace CacheGateway.Invalidation.Redis;

/// <summary>
/// Marks as the script <see cref="FenceScripts.Marks"/> packs them, version 1: one MessagePack array of strings, mark and epoch in turn.
/// <code>
///   92                         array of 2    (90..9f; dc and two bytes, dd and four bytes of length)
///   ab "htproduct:7"           string of 11  (a0..bf; d9 and one byte, da and two, db and four of length)
///   b0 "1893459600031024"
/// </code>
/// Where it cannot be read it names everything: too early, never too late.
/// </summary>
internal sealed class MarkList : IPastRaises
{
    private readonly byte[] _list;
    private readonly long _newest;
    private int _at;
    private int _left;

    /// <param name="list">Marks.</param>
    /// <param name="newest">The epoch of what cannot be read.</param>
    public MarkList(byte[] list, long newest)
    {
        (_list, _newest) = (list, newest);
        _left = TakeArray();
    }

    /// <summary>The next mark; the sentinel, which has no name, is passed over.</summary>
    public bool TryTake(out PastRaise raise)
    {
        while (_left != 0 || _at < _list.Length)
        {
            if (_left < 2 || !TryTakeString(out var name) || !TryTakeNumber(out var epoch))
            {
                (_left, _at) = (0, _list.Length);
                raise = new PastRaise(_newest, ScopeText.Everything);
                return true;
            }

            _left -= 2;
            if (!name.IsEmpty)
            {
                raise = ScopeText.Raised(name, epoch);
                return true;
            }
        }

        raise = default;
        return false;
    }

    /// <summary>Scores that Redis does not write as whole numbers are not ours.</summary>
    private bool TryTakeNumber(out long number)
    {
        number = 0;
        return TryTakeString(out var text) && Utf8Parser.TryParse(text, out number, out var used) && used == text.Length && number >= 0;
    }

    private int TakeArray() => TakeByte() switch
    {
        >= 0x90 and <= 0x9f and var first => first & 0x0f,
        0xdc => TakeLength(2),
        0xdd => TakeLength(4),
        _ => -1,
    };

    private bool TryTakeString(out ReadOnlySpan<byte> text)
    {
        var length = TakeByte() switch
        {
            >= 0xa0 and <= 0xbf and var first => first & 0x1f,
            0xd9 => TakeLength(1),
            0xda => TakeLength(2),
            0xdb => TakeLength(4),
            _ => -1,
        };
        var isWhole = length >= 0 && length <= _list.Length - _at;
        text = isWhole ? _list.AsSpan(_at, length) : [];
        _at += isWhole ? length : 0;
        return isWhole;
    }

    /// <summary>-1 = there is none, or more than anything here can have.</summary>
    private int TakeLength(int bytes)
    {
        var length = 0;
        for (; bytes > 0; bytes--)
        {
            var next = TakeByte();
            length = next < 0 || length > int.MaxValue >> 8 ? -1 : (length << 8) | next;
            if (length < 0)
            {
                break;
            }
        }

        return length;
    }

    private int TakeByte() => _at < _list.Length ? _list[_at++] : -1;
}
