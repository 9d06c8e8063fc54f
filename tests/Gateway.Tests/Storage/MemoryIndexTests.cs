using CacheGateway.Storage;

namespace CacheGateway.Tests.Storage;

public sealed class MemoryIndexTests
{
    /// <summary>
    /// What a reader sees that was held up after it read where a chain begins: the node there is gone, and its place belongs to a node of another chain. Walking on
    /// from that one it would miss a key that is there.
    /// </summary>
    [Fact]
    public async Task Find_PlaceOfTheFirstGivenToAnotherChain_ReadsAgain()
    {
        var places = new MemoryPlaces();
        // The least there is: 64 buckets, chosen by the highest bits of the hash.
        var index = new MemoryIndex(1, places);
        var stays = Node("stays", 5);
        var first = Node("first", 6);
        Add(stays);
        Add(first);
        var other = Node("other", 1 << 30);
        places.Return(first);
        places.Take(other);
        Assert.Equal(first.Place, other.Place);

        var found = Task.Run(() => index.Find("stays", 5, out _), TestContext.Current.CancellationToken);
        // Time to go wrong; found or not is decided by the next line alone.
        await Task.WhenAny(found, Task.Delay(50, TestContext.Current.CancellationToken));
        index.Remove(first);

        Assert.Same(stays, await found);

        void Add(MemoryNode node)
        {
            places.Take(node);
            index.Add(node);
        }
    }

    [Fact]
    public void Take_AfterReturn_GivesTheSamePlace_AndMoreThanAPageHolds()
    {
        var places = new MemoryPlaces();
        var nodes = Enumerable.Range(0, 10_000).Select(i => Node($"{i}", i)).ToList();
        nodes.ForEach(places.Take);
        Assert.Equal(Enumerable.Range(1, 10_000), nodes.Select(node => node.Place));
        Assert.All(nodes, node => Assert.Same(node, places[node.Place]));

        places.Return(nodes[4096]);
        places.Return(nodes[7]);
        Assert.Null(places[nodes[7].Place]);
        var (again, more, last) = (Node("again", 1), Node("more", 2), Node("last", 3));
        places.Take(again);
        places.Take(more);
        places.Take(last);

        Assert.Equal((nodes[7].Place, nodes[4096].Place, 10_001), (again.Place, more.Place, last.Place));
        Assert.Equal(10_002, places.End);
    }

    private static MemoryNode Node(string key, int hash) => new(Sets.Of(key), hash);
}
