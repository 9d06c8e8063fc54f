namespace CacheGateway.Tests.Storage;

/// <summary>
/// The reference that the memory tier's hit ratio is held against: W-TinyLFU as published (Einziger, Friedman and Manes, ACM ToS 2017)
/// with exact
/// LRU lists: a window of 1 %, a main part of 20 % probation and 80 % protected, a count-min sketch of four rows halved every ten times
/// the capacity.
/// Counts entries of one size; integer keys; single-threaded.
/// </summary>
internal sealed class ReferenceTinyLfu
{
    private readonly int _windowCapacity;
    private readonly int _mainCapacity;
    private readonly int _protectedCapacity;
    private readonly int _sampleSize;
    private readonly LinkedList<int> _window = new();
    private readonly LinkedList<int> _probation = new();
    private readonly LinkedList<int> _protected = new();
    private readonly Dictionary<int, LinkedListNode<int>> _nodes = [];
    private readonly byte[][] _sketch;
    private int _samples;

    public ReferenceTinyLfu(int capacity)
    {
        _windowCapacity = Math.Max(1, capacity / 100);
        _mainCapacity = capacity - _windowCapacity;
        _protectedCapacity = _mainCapacity * 80 / 100;
        _sampleSize = capacity * 10;
        _sketch = [.. Enumerable.Range(0, 4).Select(_ => new byte[capacity * 4])];
    }

    /// <summary>One request; true for a hit.</summary>
    public bool Request(int key)
    {
        Count(key);
        if (!_nodes.TryGetValue(key, out var node))
        {
            _nodes[key] = _window.AddLast(key);
            Evict();
            return false;
        }

        if (node.List == _probation)
        {
            _probation.Remove(node);
            _protected.AddLast(node);
            if (_protected.Count > _protectedCapacity)
            {
                var demoted = _protected.First!;
                _protected.RemoveFirst();
                _probation.AddLast(demoted);
            }
        }
        else
        {
            var list = node.List!;
            list.Remove(node);
            list.AddLast(node);
        }

        return true;
    }

    private void Evict()
    {
        if (_window.Count <= _windowCapacity)
        {
            return;
        }

        var candidate = _window.First!;
        _window.RemoveFirst();
        if (_probation.Count + _protected.Count < _mainCapacity)
        {
            _probation.AddLast(candidate);
            return;
        }

        var victim = _probation.First ?? _protected.First!;
        if (Estimate(candidate.Value) <= Estimate(victim.Value))
        {
            _nodes.Remove(candidate.Value);
            return;
        }

        victim.List!.Remove(victim);
        _nodes.Remove(victim.Value);
        _probation.AddLast(candidate);
    }

    private void Count(int key)
    {
        for (var row = 0; row < 4; row++)
        {
            ref var counter = ref _sketch[row][Column(key, row)];
            counter = (byte)Math.Min(counter + 1, 15);
        }

        if (++_samples < _sampleSize)
        {
            return;
        }

        foreach (var row in _sketch)
        {
            for (var i = 0; i < row.Length; i++)
            {
                row[i] >>= 1;
            }
        }

        _samples /= 2;
    }

    private int Estimate(int key)
    {
        var least = 15;
        for (var row = 0; row < 4; row++)
        {
            least = Math.Min(least, _sketch[row][Column(key, row)]);
        }

        return least;
    }

    private int Column(int key, int row)
    {
        var mixed = (ulong)(uint)key * (0x9E37_79B9_7F4A_7C15UL + ((ulong)row * 0x6A09_E667_F3BC_C909UL * 2));
        mixed ^= mixed >> 29;
        mixed *= 0xBF58_476D_1CE4_E5B9UL;
        return (int)((mixed >> 33) % (ulong)_sketch[row].Length);
    }
}
