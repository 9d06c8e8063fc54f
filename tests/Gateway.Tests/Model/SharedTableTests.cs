using CacheGateway.Model;

namespace CacheGateway.Tests.Model;

/// <summary>What many entries have in common is held once, whatever else passes through the few places it shares.</summary>
public sealed class SharedTableTests
{
    private const int Hash = 7;

    private readonly SharedTable<string> _table = new();

    [Fact]
    public void TwoOfOnePlace_AskedForInTurn_AreBothKept()
    {
        _table.Add(Hash, "a");
        _table.Add(Hash, "b");

        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal("a", Find("a"));
            Assert.Equal("b", Find("b"));
            // Every entry has something of its own.
            Assert.Null(Find($"own {i}"));
            _table.Add(Hash, $"own {i}");
        }

        Assert.True(_table.IsShared(Hash, Find("a")!));
    }

    [Fact]
    public void WhatNobodyAsksForAnyMore_Goes()
    {
        _table.Add(Hash, "a");
        for (var i = 0; i < 100; i++)
        {
            Find("a");
        }

        for (var i = 0; i < 40; i++)
        {
            _table.Add(Hash, $"own {i}");
        }

        Assert.Null(Find("a"));
    }

    [Fact]
    public void OneOfEach_IsNotShared()
    {
        var own = "own";
        _table.Add(Hash, own);
        Find(own);

        Assert.False(_table.IsShared(Hash, own));
        Assert.False(_table.IsShared(Hash, new string(own)));
    }

    private string? Find(string text) => _table.Find(Hash, text, static (held, text) => held == text);
}
