using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace CacheGateway.Diagnostics;

/// <summary>
/// A counter by one label or two, kept here and read when somebody asks: with a listener between, as <see cref="Counter{T}"/> has it, counting costs more than many a thing that is counted.
/// Labels are of small closed sets.
/// </summary>
/// <param name="first">The first label's name.</param>
/// <param name="second">The second's; null where there is one.</param>
internal sealed class LabelledCounts(string first, string? second = null)
{
    private readonly ConcurrentDictionary<(string First, string Second), Cell> _cells = new();

    public void Add(string firstValue, string secondValue = "", long count = 1) =>
        Interlocked.Add(ref _cells.GetOrAdd((firstValue, secondValue), static _ => new Cell()).Count, count);

    public IEnumerable<Measurement<long>> Read()
    {
        foreach (var ((firstValue, secondValue), cell) in _cells)
        {
            var label = new KeyValuePair<string, object?>(first, firstValue);
            yield return second is null
                ? new Measurement<long>(Interlocked.Read(ref cell.Count), label)
                : new Measurement<long>(Interlocked.Read(ref cell.Count), label, new KeyValuePair<string, object?>(second, secondValue));
        }
    }

    private sealed class Cell
    {
        public long Count;
    }
}
