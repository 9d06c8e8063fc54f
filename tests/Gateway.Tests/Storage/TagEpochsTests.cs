using CacheGateway.Model;
using CacheGateway.Storage;

namespace CacheGateway.Tests.Storage;

public sealed class TagEpochsTests
{
    private static readonly ResourceId Resource = new("http", "h", "/api/products/7?page=2", "products", true);

    private readonly TagEpochs _epochs = new(TimeProvider.System);

    public static TheoryData<InvalidationScope> Naming => new(
        new InvalidationScope { Tags = ["x", "product:7"] },
        new InvalidationScope { Every = ["product:7", "a"] },
        new InvalidationScope { Policies = ["products"] },
        new InvalidationScope { All = true },
        new InvalidationScope { Urls = ["/api/products/7?page=2"] },
        new InvalidationScope { Urls = ["/api/products/7"] },
        new InvalidationScope { Urls = ["http://h/api/products/7?page=2"] },
        new InvalidationScope { Urls = ["https://H:443/api/products/7?page=2#top"] },
        new InvalidationScope { Urls = ["HTTP://H.:80/api/products/7"] },
        new InvalidationScope { Prefixes = ["/"] },
        new InvalidationScope { Prefixes = ["/api/"] },
        new InvalidationScope { Prefixes = ["/api/prod"] },
        new InvalidationScope { Prefixes = ["/api/products/7"] },
        new InvalidationScope { Prefixes = ["http://h"] },
        new InvalidationScope { Prefixes = ["https://h/api/products/"] });

    public static TheoryData<InvalidationScope> NotNaming => new(
        new InvalidationScope(),
        new InvalidationScope { Tags = ["product:70", "products", "/api/products/7", "/"] },
        new InvalidationScope { Every = ["product:7", "a", "b"] },
        new InvalidationScope { Every = ["b", "c"] },
        new InvalidationScope { Policies = ["product:7", "other"] },
        new InvalidationScope { Urls = ["/api/products/7?page=3", "/api/products", "http://h2/api/products/7", "http://h:443/api/products/7"] },
        new InvalidationScope { Prefixes = ["/api/products/7/", "/api/products/70", "/API/", "http://h2/", "http://h:8080/api"] });

    [Theory]
    [MemberData(nameof(Naming), DisableDiscoveryEnumeration = true)]
    public void Check_RaisedAfterItsEpoch_IsDead(InvalidationScope scope)
    {
        var response = Response(_epochs.Applied);
        Assert.True(_epochs.IsAlive(response));
        var epoch = _epochs.Raise(scope);
        Assert.Equal(epoch, _epochs.Applied);
        Assert.Equal(Liveness.Dead, _epochs.Check(response));
        Assert.False(_epochs.IsAlive(response));
        Assert.False(_epochs.IsAlive(new FillEpoch(0, response.Epoch), response.Resource, response.Tags));
        Assert.True(_epochs.IsAlive(Response(epoch)), "asked for after the raise");
    }

    [Theory]
    [MemberData(nameof(Naming), DisableDiscoveryEnumeration = true)]
    public void Mark_OfManyPastOnes_IsAsEachAlone(InvalidationScope scope)
    {
        var response = Response(_epochs.Applied);
        Assert.True(_epochs.IsAlive(response));
        _epochs.Mark(new PastRaises(new PastRaise(5, new MarkName(MarkKind.Tag, "", "x"), false), new PastRaise(response.Epoch + 1, scope), new PastRaise(6, new MarkName(MarkKind.Prefix, "", "/y/"), true)));
        Assert.Equal(Liveness.Dead, _epochs.Check(response));
        Assert.Equal(response.Epoch, _epochs.Applied);
        Assert.True(_epochs.IsAlive(Response(response.Epoch + 1)), "asked for after the raise");
    }

    [Theory]
    [MemberData(nameof(Naming), DisableDiscoveryEnumeration = true)]
    public void Check_RaisedSoftly_IsSoft(InvalidationScope scope)
    {
        var response = Response(_epochs.Applied);
        _epochs.Raise(scope with { Soft = true });
        Assert.Equal(Liveness.Soft, _epochs.Check(response));
        Assert.Equal(Liveness.Soft, _epochs.Check(response));
        Assert.True(_epochs.IsAlive(response));
        Assert.Equal(Liveness.Alive, _epochs.Check(Response(_epochs.Applied)));
    }

    [Theory]
    [MemberData(nameof(NotNaming), DisableDiscoveryEnumeration = true)]
    public void Check_OthersRaised_IsAlive(InvalidationScope scope)
    {
        var response = Response(_epochs.Applied);
        _epochs.Raise(scope);
        Assert.Equal(Liveness.Alive, _epochs.Check(response));
    }

    /// <summary>Told in full, as builds before this one did, or by its hash; with its query, or by its path where that is long itself.</summary>
    [Theory]
    [InlineData(256, 0)]
    [InlineData(257, 0)]
    [InlineData(8000, 0)]
    [InlineData(20, 8000)]
    [InlineData(8000, 100)]
    public void Check_OfALongUrl_IsThatOfAShortOne(int path, int query)
    {
        var target = "/" + new string('p', path - 1) + (query == 0 ? "" : "?" + new string('q', query));
        var resource = new ResourceId("http", "h:8080", target, "products", true);
        var others = Array.ConvertAll([target[..^1] + "x", target + "x", "/x" + target[2..]], other => resource with { Target = other });
        foreach (var url in (string[])["http://h:8080" + target, "HTTP://H:8080" + target, target, "http://h:8080" + target.Split('?')[0]])
        {
            foreach (var told in (string[])[url, TargetName.Brief(url)])
            {
                var epochs = new TagEpochs(TimeProvider.System);
                var before = epochs.Now;
                epochs.Raise(new InvalidationScope { Urls = [told] });
                Assert.Equal(Liveness.Dead, epochs.Check(before, resource, []));
                Assert.Equal(Liveness.Alive, epochs.Check(epochs.Now, resource, []));
                Assert.All(others.Where(other => !other.Path.SequenceEqual(resource.Path)), other => Assert.Equal(Liveness.Alive, epochs.Check(before, other, [])));
                Assert.Equal(url.StartsWith('/') ? Liveness.Dead : Liveness.Alive, epochs.Check(before, resource with { Authority = "h" }, []));
            }

            Assert.InRange(TargetName.Brief(url).Length, 0, TargetName.Longest + "http://h:8080".Length);
        }
    }

    [Fact]
    public void Check_SoftAndHardInAnyOrder_IsDead()
    {
        var response = Response(5);
        _epochs.Apply(10, new InvalidationScope { Tags = ["product:7"] });
        _epochs.Apply(8, new InvalidationScope { Tags = ["product:7"], Soft = true });
        _epochs.Apply(12, new InvalidationScope { Tags = ["product:7"], Soft = true });
        Assert.Equal(Liveness.Dead, _epochs.Check(response));
        Assert.Equal(Liveness.Soft, _epochs.Check(Response(11)));
        Assert.Equal(Liveness.Alive, _epochs.Check(Response(12)));
    }

    [Fact]
    public void Check_OlderEpochAppliedLate_IsLookedAtThoughAppliedDoesNotMove()
    {
        var response = Response(5);
        _epochs.Apply(10, new InvalidationScope { Tags = ["other"] });
        Assert.True(_epochs.IsAlive(response));
        _epochs.Apply(7, new InvalidationScope { Tags = ["product:7"] });
        Assert.Equal(10, _epochs.Applied);
        Assert.False(_epochs.IsAlive(response));
    }

    [Fact]
    public void Check_AliveForOneFence_IsNotTrustedByAnother()
    {
        var response = Response(5);
        Assert.True(_epochs.IsAlive(response));
        var other = new TagEpochs(TimeProvider.System);
        other.Apply(9, new InvalidationScope { All = true });
        Assert.False(other.IsAlive(response));
    }

    [Fact]
    public void Check_NothingOrOthersRaised_AllocatesNothing()
    {
        var response = Response(0);
        for (var i = 0; i < 100; i++)
        {
            _epochs.Raise(new InvalidationScope { Tags = [$"t{i}"], Prefixes = [$"/x{i}", "/api/x/"] });
        }

        _epochs.IsAlive(response);

        Assert.Equal(0, Allocated.Least(() =>
        {
            for (var i = 0; i < 100; i++)
            {
                _epochs.IsAlive(response);
                response.AliveAt = 0;
            }
        }));
    }

    [Fact]
    public void Apply_All_KillsWhatIsOlder()
    {
        _epochs.Apply(100, new InvalidationScope { All = true, Soft = true });
        Assert.Equal(Liveness.Soft, _epochs.Check(Response(99)));
        _epochs.Apply(100, new InvalidationScope { All = true });
        _epochs.Apply(50, new InvalidationScope { All = true });
        Assert.False(_epochs.IsAlive(Response(99)));
        Assert.True(_epochs.IsAlive(Response(100)));
    }

    [Fact]
    public void Raise_ClockBehindOrStill_StillGivesNewEpochs()
    {
        var future = DateTimeOffset.UtcNow.AddYears(1).ToUnixTimeMilliseconds() * 1000;
        _epochs.Apply(future, new InvalidationScope { Tags = ["x"] });
        Assert.Equal(future + 1, _epochs.Raise(new InvalidationScope { Tags = ["x"] }));
        Assert.Equal(future + 2, _epochs.Raise(new InvalidationScope { Tags = ["x"] }));
    }

    [Fact]
    public void Raise_NewFence_GivesUnixMicroseconds()
    {
        var time = new StillTime();
        Assert.Equal(time.GetUtcNow().ToUnixTimeMilliseconds() * 1000, new TagEpochs(time).Raise(new InvalidationScope { All = true }));
    }

    [Theory]
    [InlineData("api/products")]
    [InlineData("")]
    [InlineData("ftp://h/p")]
    [InlineData("http:///p")]
    [InlineData("http://user@h/p")]
    public void Raise_NameOfNothing_ThrowsAndChangesNothing(string url)
    {
        Assert.Throws<ArgumentException>(() => _epochs.Raise(new InvalidationScope { Tags = ["product:7"], Urls = [url] }));
        Assert.Throws<ArgumentException>(() => _epochs.Raise(new InvalidationScope { Tags = ["product:7"], Prefixes = [url] }));
        Assert.Equal(0, _epochs.Applied);
        Assert.True(_epochs.IsAlive(Response(0)));
    }

    [Fact]
    public void Raise_ManyMarks_AreFoldedButStillKill()
    {
        var epochs = new TagEpochs(TimeProvider.System, maxMarks: 100, slots: 65_536);
        for (var i = 0; i < 1_000; i++)
        {
            epochs.Apply(i + 1, new InvalidationScope { Tags = [$"t{i}"], Soft = i % 2 == 1 });
        }

        Assert.Equal(100, epochs.Marks);
        for (var i = 0; i < 1_000; i++)
        {
            var liveness = epochs.Check(new FillEpoch(0, i), Resource, [$"t{i}"]);
            Assert.True(liveness >= (i % 2 == 1 ? Liveness.Soft : Liveness.Dead));
        }

        // Each a resource of its own: the names of one could share a slot with what was folded.
        var alive = Enumerable.Range(0, 1_000).Count(i => epochs.IsAlive(new FillEpoch(0, 0), new ResourceId("http", "h", $"/{i}", $"p{i}", false), [$"unraised{i}"]));
        Assert.True(alive > 900, "collisions are rare");
    }

    [Fact]
    public void Raise_LongNames_AreFoldedBeforeTheyAreMany_AndStillKill()
    {
        var epochs = new TagEpochs(TimeProvider.System);
        var padding = new string('x', 8_000);
        for (var i = 0; i < 5_000; i++)
        {
            epochs.Apply(i + 1, new InvalidationScope { Policies = [i + padding] });
        }

        Assert.InRange(epochs.Marks, 1, 4_200);
        Assert.All(Enumerable.Range(0, 5_000), i => Assert.False(epochs.IsAlive(new FillEpoch(0, i), new ResourceId("http", "h", "/", i + padding, false), [])));
    }

    [Fact]
    public void Raise_MoreShapesOfPrefixThanKept_ShortensThem()
    {
        var deep = string.Concat(Enumerable.Repeat("/d", 50));
        for (var length = 2; length <= 100; length++)
        {
            _epochs.Apply(length, new InvalidationScope { Prefixes = [$"/long/{new string('x', length)}", $"{deep[..length]}"] });
            Assert.False(_epochs.IsAlive(new FillEpoch(0, length - 1), new ResourceId("http", "h", $"/long/{new string('x', length)}y", "p", false), []));
            Assert.False(_epochs.IsAlive(new FillEpoch(0, length - 1), new ResourceId("http", "h", $"{deep[..length]}y", "p", false), []));
        }

        Assert.True(_epochs.IsAlive(new FillEpoch(0, 0), new ResourceId("http", "h", "/other/x", "p", false), []), "siblings die, strangers do not");
    }

    [Fact]
    public void Raise_MoreSetsOfTagsThanKept_TheOldestNameMore()
    {
        for (var i = 0; i < 3000; i++)
        {
            _epochs.Apply(i + 1, new InvalidationScope { Every = [$"a{i}", $"b{i}"], Soft = i % 2 == 1 });
            Assert.Equal(i % 2 == 1 ? Liveness.Soft : Liveness.Dead, _epochs.Check(new FillEpoch(0, i), Resource, [$"b{i}", $"a{i}"]));
        }

        Assert.Equal(Liveness.Dead, _epochs.Check(new FillEpoch(0, 0), Resource, ["a0", "b0"]));
        Assert.Equal(Liveness.Soft, _epochs.Check(new FillEpoch(0, 1), Resource, ["a1", "b1"]));
        Assert.Equal(Liveness.Dead, _epochs.Check(new FillEpoch(0, 0), Resource, ["a0"]));
        Assert.Equal(Liveness.Alive, _epochs.Check(new FillEpoch(0, 0), Resource, ["a2900"]));
    }

    private static StoredResponse Response(long epoch) => Sets.Response(epoch: epoch, resource: Resource, tags: ["a", "product:7"]);

    private sealed class StillTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddYears(50);
    }
}
