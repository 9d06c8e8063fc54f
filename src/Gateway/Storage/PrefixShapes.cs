using CacheGateway.Model;

namespace CacheGateway.Storage;

/// <summary>
/// Which cuts of a path may carry a prefix mark, so that a check looks up a handful of cuts instead of every prefix ever raised.
/// A prefix that ends in "/" is a cut at its n-th slash; any other is a cut at its length. Both sets are bounded and never shrink;
/// a prefix that does not fit is shortened to one that does, back to a "/": it then kills its siblings too, too early but never too late.
/// Owned by one <see cref="TagEpochs"/>: written under its lock, read without.
/// </summary>
internal sealed class PrefixShapes
{
    private const int MaxDepth = 32;
    private const int MaxLengths = 32;

    private volatile uint _depths;
    private volatile int[] _lengths = [];

    /// <summary>Bit n - 1 set = some prefix ends at the n-th slash.</summary>
    public uint Depths => _depths;

    /// <summary>Lengths of the prefixes that do not end in "/"; never changed, only replaced.</summary>
    public int[] Lengths => _lengths;

    /// <summary>
    /// Makes room for <paramref name="target"/> and returns the prefix to mark: itself without a query, or a shorter one.
    /// </summary>
    public string Register(string target)
    {
        var prefix = TargetParts.Path(target).ToString();
        if (!prefix.EndsWith('/'))
        {
            if (_lengths.Contains(prefix.Length))
            {
                return prefix;
            }

            if (_lengths.Length < MaxLengths)
            {
                _lengths = [.. _lengths, prefix.Length];
                return prefix;
            }
        }

        var depth = 0;
        var end = 0;
        for (var i = 0; i < prefix.Length && depth < MaxDepth; i++)
        {
            if (prefix[i] == '/')
            {
                depth++;
                end = i + 1;
            }
        }

        _depths |= 1u << (depth - 1);
        return prefix[..end];
    }
}
