using CacheGateway.Model;

namespace CacheGateway.Diagnostics.Traffic;

/// <summary>
/// The keys that weigh most, in fixed room: Space-Saving (Metwally, Agrawal and El Abbadi, "Efficient computation of frequent and top-k elements
/// in data streams", ICDT 2005). An estimate is never too low, and at most <see cref="HeavyHitter.Error"/> too high. Halved now and then, so
/// that what was hot yesterday gives way.
/// </summary>
internal sealed class HeavyHitters(int capacity)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _places = new(capacity, StringComparer.Ordinal);
    private readonly HeavyHitter[] _hitters = new HeavyHitter[capacity];
    private int _count;
    private long _least = long.MinValue;
    private int _next;

    /// <summary>Adds to the weight of the key with this text; the key itself is made where it is new here.</summary>
    public void Add<T>(ReadOnlySpan<char> text, T from, Func<T, CacheKey> make, long weight)
    {
        lock (_gate)
        {
            if (_places.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out var place))
            {
                _hitters[place] = _hitters[place] with { Weight = _hitters[place].Weight + weight };
                return;
            }

            long error = 0;
            if (_count < capacity)
            {
                place = _count++;
            }
            else
            {
                place = Lightest();
                error = _hitters[place].Weight;
                _places.Remove(_hitters[place].Key.Text);
            }

            var key = make(from);
            _hitters[place] = new HeavyHitter(key, error + weight, error);
            _places[key.Text] = place;
        }
    }

    public void Halve()
    {
        lock (_gate)
        {
            _least = long.MinValue;
            for (var i = 0; i < _count; i++)
            {
                _hitters[i] = _hitters[i] with { Weight = _hitters[i].Weight / 2, Error = _hitters[i].Error / 2 };
            }
        }
    }

    /// <summary>The heaviest first.</summary>
    public IReadOnlyList<HeavyHitter> Top(int most)
    {
        lock (_gate)
        {
            return [.. _hitters.Take(_count).Where(hitter => hitter.Weight > 0).OrderByDescending(hitter => hitter.Weight).ThenBy(hitter => hitter.Key.Text, StringComparer.Ordinal).Take(most)];
        }
    }

    /// <summary>
    /// One of the lightest. Weights only grow between two halvings, so as long as one is as light as the lightest was, it is: where every key is new, one
    /// look through all serves as many of them as weigh the same.
    /// </summary>
    private int Lightest()
    {
        for (var i = 0; i < _hitters.Length; i++)
        {
            _next = _next + 1 < _hitters.Length ? _next + 1 : 0;
            if (_hitters[_next].Weight <= _least)
            {
                return _next;
            }
        }

        _next = 0;
        for (var i = 1; i < _hitters.Length; i++)
        {
            if (_hitters[i].Weight < _hitters[_next].Weight)
            {
                _next = i;
            }
        }

        _least = _hitters[_next].Weight;
        return _next;
    }
}

/// <param name="Key">Never shown as it is: see <see cref="RedactedKey"/>.</param>
/// <param name="Weight">At least what was added for it since it came.</param>
/// <param name="Error">At most this much of the weight is another key's.</param>
internal readonly record struct HeavyHitter(CacheKey Key, long Weight, long Error);
