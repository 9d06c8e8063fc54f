using CacheGateway.Invalidation;
using CacheGateway.Invalidation.Redis;
using CacheGateway.Model;

namespace CacheGateway.Tests.Invalidation;

/// <summary>What waits for Redis: as much as is worth telling, and no more.</summary>
public sealed class JournalTests
{
    private readonly Journal _journal = new(20_000, _ => { });

    /// <summary>The first may be on its way to Redis, so that whatever comes now needs another one behind it.</summary>
    [Fact]
    public void Equal_WaitOnceBehindTheFirst()
    {
        for (var i = 0; i < 30_000; i++)
        {
            _journal.Add(Order("/x"));
        }

        Assert.Equal(2, _journal.Count);
        Assert.All(Drained(), order => Assert.Equal(["/x"], order.Scope.Urls));
    }

    [Fact]
    public void WhatBecameTheFirst_StandsForNoneThatComesLater()
    {
        _journal.Add(Order("/x"));
        _journal.Add(Order("/x"));
        Assert.True(_journal.TryPeek(out var first));
        _journal.Remove(first);

        _journal.Add(Order("/x"));
        _journal.Add(Order("/x"));

        Assert.Equal(2, _journal.Count);
    }

    /// <summary>Where its cause is remembered, Redis may find that it was dealt with before: then nothing is raised by it.</summary>
    [Fact]
    public void OneThatIsRaisedOnce_StandsForNoOther()
    {
        InvalidationOrder[] orders = [Order("/first"), Order("/x") with { Once = "event:1" }, Order("/x"), Order("/x") with { Once = "event:1" }];
        Array.ForEach(orders, _journal.Add);

        Assert.Equal(orders, Drained());
    }

    /// <summary>The audit has a line for each.</summary>
    [Fact]
    public void WhoAskedAndWhy_TellEqualScopesApart()
    {
        InvalidationOrder[] orders =
        [
            Order("/first"), Order("/x"), Order("/y"), Order("/x") with { Who = "ann" }, Order("/x") with { Reason = "import" },
            Order("/x") with { Source = InvalidationSource.Admin }, Order("/x") with { Scope = new InvalidationScope { Urls = ["/x"], Soft = true } },
        ];
        Array.ForEach(orders, _journal.Add);

        Assert.Equal(orders, Drained());
    }

    [Fact]
    public void BeyondTheBound_OneThatNamesEverything_AndThoseAfterIt()
    {
        for (var i = 0; i < 10_001; i++)
        {
            _journal.Add(Order($"/{i}"));
        }

        _journal.Add(Order("/1"));

        var left = Drained();
        Assert.Equal((2, true, "/1"), (left.Count, left[0].Scope.All, left[1].Scope.Urls.Single()));
    }

    private static InvalidationOrder Order(string url) =>
        new() { Id = Invalidator.NewId(), Scope = new InvalidationScope { Urls = [url] }, Source = InvalidationSource.UnsafeMethod };

    private List<InvalidationOrder> Drained()
    {
        var orders = new List<InvalidationOrder>();
        while (_journal.TryPeek(out var order))
        {
            orders.Add(order);
            _journal.Remove(order);
        }

        return orders;
    }
}
