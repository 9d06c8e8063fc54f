using CacheGateway.Pipeline;

namespace CacheGateway.Tests.Pipeline;

/// <summary>The pace of a window is set by the slowest of its readers, who is looked for among all as seldom as possible: thousands may read one.</summary>
public sealed class FillReadersTests
{
    private readonly FillReaders _readers = new();

    [Fact]
    public void Round_OfManyReaders_LooksAtAllOfThemOnce()
    {
        var all = Add(1000);
        for (var round = 1; round <= 3; round++)
        {
            Assert.Equal(1, all.Count(reader => Read(reader, 100)));
            Assert.Equal(round * 100, _readers.Least);
        }

        // They leave from one place: nobody is looked for before the last.
        Assert.Equal(1, all.Count(_readers.Remove));
        Assert.Equal((0, null), (_readers.Count, _readers.Slowest()));
    }

    [Fact]
    public void Least_IsWhatTheSlowestHasPassed_WhoeverComesAndGoes()
    {
        var random = new Random(20261129);
        var all = new List<FillReader>();
        for (var i = 0; i < 20_000; i++)
        {
            if (all.Count == 0 || random.Next(10) == 0)
            {
                all.AddRange(Add(1));
            }
            else if (random.Next(10) == 0)
            {
                var left = all[random.Next(all.Count)];
                all.Remove(left);
                _readers.Remove(left);
                Assert.False(_readers.Remove(left), "it has left");
            }
            else
            {
                Read(all[random.Next(all.Count)], random.Next(3));
            }

            Assert.Equal(all.Count, _readers.Count);
            Assert.Equal(all.Count == 0 ? 0 : all.Min(reader => reader.Passed), _readers.Least);
            Assert.Equal(all.Count == 0 ? null : _readers.Least, _readers.Slowest()?.Passed);
        }
    }

    private FillReader[] Add(int count)
    {
        var body = new FillBody(null, TimeProvider.System);
        var added = Enumerable.Range(0, count).Select(_ => new FillReader(body)).ToArray();
        Array.ForEach(added, _readers.Add);
        return added;
    }

    private bool Read(FillReader reader, int bytes)
    {
        reader.Position += bytes;
        return _readers.Pass(reader);
    }
}
