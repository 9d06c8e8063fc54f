using System.Diagnostics;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Model;
using Gateway.Tests.Policies;

namespace CacheGateway.Tests.Diagnostics;

public sealed class TrafficRecorderTests
{
    private static readonly CachePolicy Policy = new() { Name = "p" };

    [Fact]
    public void Record_OfAHit_AllocatesNothing()
    {
        using var recorder = new TrafficRecorder(TimeProvider.System);
        var key = Key("/x");
        Hits(recorder, key, 1000);

        var times = 0;
        var started = Stopwatch.GetTimestamp();
        var allocated = Allocated.Least(() =>
        {
            times++;
            Hits(recorder, key, 100_000);
        });

        Assert.Equal(0, allocated);
        TestContext.Current.SendDiagnosticMessage($"{Stopwatch.GetElapsedTime(started).TotalNanoseconds / 100_000 / times:0} ns each, two readings of the clock among them");
    }

    /// <summary>Looking at each of many requests costs the hits; a slot that begins quietly must not do so to its end.</summary>
    [Fact]
    public void Sample_OfManyAtOnce_GrowsThin_AndWeighsAsMuch()
    {
        using var recorder = new TrafficRecorder(new ManualTime());
        Hits(recorder, Key("/x"), 5000);
        Assert.Equal(5000, Assert.Single(recorder.ByRequests.Top(2)).Weight);

        Hits(recorder, Key("/x"), 400_000);

        // At the end a sample weighs 64, and what came before it is a multiple of that; where every request was looked at it would be 405,000, which is none.
        var weight = Assert.Single(recorder.ByRequests.Top(2)).Weight;
        Assert.Equal(0, weight % 64);
        Assert.InRange(weight, 375_000, 435_000);
    }

    /// <summary>A policy of the file may have any name that stands for those beyond.</summary>
    [Fact]
    public void PoliciesBeyondThoseTold_AreCountedTogether_AndWithNoOther()
    {
        using var recorder = new TrafficRecorder(TimeProvider.System);
        foreach (var name in (string[])["other", .. Enumerable.Range(1, 511).Select(number => $"p{number}"), "beyond", "further"])
        {
            recorder.Record(new CachePolicy { Name = name }, ServedFrom.Memory, Reason.Fresh, 1, recorder.Timestamp());
        }

        Assert.Equal((1, 2), (Requests("other"), Requests("(other)")));
        Assert.Equal(513, recorder.Policies.Count);

        long Requests(string name) => recorder.Policies.Single(policy => policy.Name == name).Total.Requests;
    }

    [Fact]
    public async Task Record_FromManyThreads_LosesNothing()
    {
        using var recorder = new TrafficRecorder(TimeProvider.System);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => Hits(recorder, Key($"/{i}"), 50_000))));

        var total = recorder.Total;
        Assert.Equal(400_000, total.Requests);
        Assert.Equal(400_000, total.CachedLatency.Count);
        Assert.Equal(400_000 * 10, total.BytesOf(ServedFrom.Memory));
    }

    [Fact]
    public void Policies_BeyondTheMost_AreCountedTogether()
    {
        using var recorder = new TrafficRecorder(TimeProvider.System);
        for (var i = 0; i < 600; i++)
        {
            recorder.Record(new CachePolicy { Name = $"p{i}" }, ServedFrom.Origin, Reason.Miss, 0, recorder.Timestamp());
        }

        Assert.Equal(513, recorder.Policies.Count);
        Assert.Equal(600, recorder.Total.Requests);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(1000)]
    [InlineData(123_456)]
    [InlineData(60_000_000)]
    public void Scale_PutsAValueWhereItBelongs(long microseconds)
    {
        var index = LatencyScale.IndexOf(microseconds);

        Assert.InRange(microseconds, LatencyScale.StartOf(index), LatencyScale.EndOf(index) - 1);
        Assert.True(LatencyScale.EndOf(index) - LatencyScale.StartOf(index) <= Math.Max(1, LatencyScale.StartOf(index) / 8));
    }

    [Fact]
    public void Quantiles_AreAsExactAsTheyPromise()
    {
        var counts = new long[1 + LatencyScale.Buckets];
        for (var i = 1; i <= 1000; i++)
        {
            counts[0] += i * 100;
            counts[1 + LatencyScale.IndexOf(i * 100)]++;
        }

        var summary = LatencySummary.Of(counts);
        Assert.InRange(summary.P50, 50 * 0.94, 50 * 1.06);
        Assert.InRange(summary.P99, 99 * 0.94, 99 * 1.06);
        Assert.Equal(50.05, summary.Mean, 6);
    }

    /// <summary>However values lie in a bucket: all of one at its beginning, too.</summary>
    [Theory]
    [InlineData(1024)]
    [InlineData(1151)]
    [InlineData(95_000)]
    [InlineData(7)]
    public void Quantiles_OfEqualValues_AreAsExactAsTheyPromise(long microseconds)
    {
        var counts = new long[1 + LatencyScale.Buckets];
        counts[0] = 1000 * microseconds;
        counts[1 + LatencyScale.IndexOf(microseconds)] = 1000;

        var summary = LatencySummary.Of(counts);
        var off = Math.Max(microseconds * 0.063, 0.5) / 1000;
        Assert.All([summary.P50, summary.P90, summary.P99], quantile => Assert.InRange(quantile, (microseconds / 1000.0) - off, (microseconds / 1000.0) + off));
    }

    /// <summary>A dear policy that always passes spares nothing, however much a cheap one hits.</summary>
    [Fact]
    public void WhatPoliciesSave_IsSummedByTheirOwnMeans()
    {
        var (cheap, dear) = (new PolicyTraffic("cheap"), new PolicyTraffic("dear"));
        for (var i = 0; i < 100; i++)
        {
            cheap.Count(ServedFrom.Memory, Reason.Fresh, 0, 10);
            dear.Count(ServedFrom.Passed, Reason.ResponsePrivate, 0, 2_000_000);
            dear.Count(TrafficFact.OriginRequests);
            dear.Count(TrafficFact.OriginAnswersWithQueries);
            dear.Count(TrafficFact.OriginQueries, 50);
        }

        cheap.Count(ServedFrom.Origin, Reason.Miss, 0, 5_000);
        cheap.Count(TrafficFact.OriginRequests);

        var all = TrafficCounts.Sum([cheap.Total, dear.Total]);

        Assert.Equal((100L, 500.0, 0L), (all.OriginRequestsSaved, all.OriginMillisecondsSaved, all.QueriesSaved));
        Assert.Equal(201, all.Requests);
    }

    /// <summary>A window that saw hits alone takes the means of before: the best policies spare the most.</summary>
    [Fact]
    public void WindowWithoutAMiss_SavesByTheMeansSinceTheStart()
    {
        var policy = new PolicyTraffic("p");
        policy.Count(ServedFrom.Origin, Reason.Miss, 0, 20_000);
        policy.Count(TrafficFact.OriginRequests);
        policy.Count(TrafficFact.OriginAnswersWithQueries);
        policy.Count(TrafficFact.OriginQueries, 3);
        policy.History.Close(policy.Total, 0);
        for (var i = 0; i < 10; i++)
        {
            policy.Count(ServedFrom.Memory, Reason.Fresh, 0, 10);
        }

        policy.History.Close(policy.Total, 1);

        var window = TrafficCounts.Sum([policy.History.Window(TrafficHistory.ShortSlot)]);
        Assert.Equal((10L, 200.0, 30L), (window.OriginRequestsSaved, window.OriginMillisecondsSaved, window.QueriesSaved));
        Assert.Equal(200.0, TrafficHistory.Series([policy], TrafficHistory.ShortSlot, 2)[^1].OriginMillisecondsSaved);
    }

    /// <summary>An outage is nothing that the cache saves, and a fetch that failed none beside what clients asked for.</summary>
    [Fact]
    public void WhatWasRefused_SavesNothing()
    {
        var policy = new PolicyTraffic("p");
        foreach (var reason in (Reason[])[Reason.OriginDown, Reason.OriginBusy, Reason.OnlyIfCached, Reason.Loop])
        {
            policy.Count(ServedFrom.Failed, reason, 0, 10);
        }

        policy.Count(ServedFrom.Failed, Reason.OriginTimeout, 0, 10);
        policy.Count(TrafficFact.OriginRequests);
        policy.Count(TrafficFact.OriginFailures);
        policy.Count(ServedFrom.Memory, Reason.StaleIfError, 0, 10);
        policy.Count(TrafficFact.OriginRequests);
        policy.Count(ServedFrom.Memory, Reason.Fresh, 0, 10);

        Assert.Equal((1L, 0L), (policy.Total.OriginRequestsSaved, policy.Total.OriginRequestsBeside));
    }

    /// <summary>Many wait for one fetch, which fails for all of them.</summary>
    [Fact]
    public void FailureThatIsShared_SavesNothing()
    {
        var policy = new PolicyTraffic("p");
        for (var i = 0; i < 100; i++)
        {
            policy.Count(ServedFrom.Failed, Reason.OriginUnreachable, 0, 10);
        }

        policy.Count(TrafficFact.OriginRequests);
        policy.Count(TrafficFact.OriginFailures);
        // One was sent beside, for nobody who waits.
        policy.Count(TrafficFact.OriginRequests);

        Assert.Equal((0L, 1L), (policy.Total.OriginRequestsSaved, policy.Total.OriginRequestsBeside));
    }

    [Fact]
    public void History_GivesEachStretchItsOwn()
    {
        var history = new TrafficHistory();
        var policy = new PolicyTraffic("p");
        for (var slot = 1; slot <= 120; slot++)
        {
            for (var i = 0; i < slot; i++)
            {
                policy.Count(ServedFrom.Memory, Reason.Fresh, 0, 1);
            }

            history.Close(policy.Total, slot - 1);
        }

        Assert.Equal(120, history.Window(TimeSpan.FromSeconds(5)).Requests);
        Assert.Equal(119, history.Window(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5)).Requests);
        Assert.Equal(Enumerable.Range(61, 60).Sum(), history.Window(TimeSpan.FromMinutes(5)).Requests);
        Assert.Equal(Enumerable.Range(1, 120).Sum(), history.Window(TimeSpan.FromHours(2)).Requests);
        Assert.Equal(0, history.Window(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10)).Requests);
    }

    [Fact]
    public void HeavyHitters_FindTheHeavyOnes_InAStreamOfManyMore()
    {
        var hitters = new HeavyHitters(64);
        var random = new Random(7);
        for (var i = 0; i < 24_000; i++)
        {
            var text = i % 4 == 0 ? $"/hot{i % 12}" : $"/cold{random.Next()}";
            hitters.Add(text, text, Key, 1);
        }

        var top = hitters.Top(3);
        Assert.Equal(["/hot0", "/hot4", "/hot8"], top.Select(hitter => hitter.Key.Resource.Target).Order(StringComparer.Ordinal));
        Assert.All(top, hitter => Assert.InRange(24_000 / 12, hitter.Weight - hitter.Error, hitter.Weight));
    }

    [Fact]
    public void HeavyHitters_AfterHalving_StillGiveTheLightestUp()
    {
        var hitters = new HeavyHitters(2);
        Add("/a", 10);
        Add("/b", 10);
        Add("/c", 1);
        hitters.Halve();
        var stays = hitters.Top(2).Single(hitter => hitter.Key.Resource.Target != "/c").Key.Resource.Target;
        Add(stays, 3);
        Add("/d", 1);

        Assert.Equal([stays, "/d"], hitters.Top(2).Select(hitter => hitter.Key.Resource.Target));

        void Add(string text, long weight) => hitters.Add(text, text, Key, weight);
    }

    [Theory]
    [InlineData("/a?token=SECRET&page=2", "http://h/a?token=…&page=…")]
    [InlineData("/a?SECRET", "http://h/a?…")]
    [InlineData("/users/me@example.org", "http://h/users/…")]
    [InlineData("/reset/eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.SECRET", "http://h/reset/…")]
    [InlineData("/users/me%40example.org", "http://h/users/…")]
    [InlineData("/plain/path", "http://h/plain/path")]
    public void RedactedKey_ShowsNoValue(string target, string shown) => Assert.Equal(shown, RedactedKey.Of(Key(target)).Url);

    [Theory]
    [InlineData("/a/b", "/a/b")]
    [InlineData("/a?token=SECRET", "/a?token=…")]
    [InlineData("/a?token=SECRET&next=https://shop.test/b", "/a?token=…&next=…")]
    [InlineData("https://shop.test", "https://shop.test")]
    [InlineData("https://shop.test/a/b?x=SECRET", "https://shop.test/a/b?x=…")]
    [InlineData("https://shop.test?token=SECRET", "https://shop.test?token=…")]
    [InlineData("https://shop.test?SECRET", "https://shop.test?…")]
    [InlineData("https://shop.test?x=SECRET/b", "https://shop.test?x=…")]
    [InlineData("https://shop.test?x=SECRET/SECRET&y=https://SECRET/", "https://shop.test?x=…&y=…")]
    [InlineData("/users/me%40example.org/", "/users/…/")]
    [InlineData("/a#token=SECRET", "/a")]
    [InlineData("#shop.test/ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0", "#shop.test/ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0")]
    public void RedactedUrl_ShowsNoValue(string url, string shown) => Assert.Equal(shown, RedactedKey.OfUrl(url));

    private static CacheKey Key(string target) => new(target, new ResourceId("http", "h", target, "p", false), 0);

    private static void Hits(TrafficRecorder recorder, CacheKey key, int count)
    {
        for (var i = 0; i < count; i++)
        {
            recorder.Record(Policy, ServedFrom.Memory, Reason.Fresh, 10, recorder.Timestamp(), key: key);
        }
    }
}
