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
        var (stays, first, other) = (Node("stays", 5), Node("first", 6), Node("other", 1 << 30));
        places.Take(stays);
        index.Add(stays);
        var swaps = Task.Run(
            () =>
            {
                for (var i = 0; i < 200_000; i++)
                {
                    index.Prepare(first);
                    places.Take(first);
                    index.Add(first);
                    places.Return(first);
                    places.Take(other);
                    // Until here the chain begins at a place that is another's.
                    index.Remove(first);
                    places.Return(other);
                }
            },
            TestContext.Current.CancellationToken);

        var (finds, missed) = (0, 0);
        while (!swaps.IsCompleted)
        {
            finds++;
            missed += ReferenceEquals(stays, index.Find("stays", 5, out _)) ? 0 : 1;
        }

        await swaps;
        Assert.Equal(first.Place, other.Place);
        Assert.True(finds > 0);
        Assert.Equal(0, missed);
    }

    /// <summary>The same, where the place is given to a new node of this very chain: it is seen at its place before it is the chain's first.</summary>
    [Fact]
    public async Task Find_PlaceOfTheFirstGivenToANewNodeOfTheChain_GoesOn()
    {
        var places = new MemoryPlaces();
        var index = new MemoryIndex(1, places);
        var stays = Node("stays", 5);
        index.Prepare(stays);
        places.Take(stays);
        index.Add(stays);
        var swaps = Task.Run(
            () =>
            {
                for (var i = 0; i < 200_000; i++)
                {
                    var node = Node("other", 6);
                    index.Prepare(node);
                    places.Take(node);
                    index.Add(node);
                    index.Remove(node);
                    places.Return(node);
                }
            },
            TestContext.Current.CancellationToken);

        var missed = 0;
        while (!swaps.IsCompleted)
        {
            missed += ReferenceEquals(stays, index.Find("stays", 5, out _)) ? 0 : 1;
        }

        await swaps;
        Assert.Equal(0, missed);
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
