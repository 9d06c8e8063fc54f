using CacheGateway.Cli.Demo;

namespace CacheGateway.Tests.Cli.Demo;

public sealed class DemoReportTests
{
    private static readonly DemoEndpoint Endpoint = new("shop.categories", 1, 5, [new DemoRead("/shop/api/categories/")]);

    private readonly TrafficLog _log = new(["shop.categories"]);

    [Fact]
    public void From_NineHitsOfTen_MeetsWhatWasDocumented()
    {
        Read(CacheOutcome.Miss, 95);
        Read(CacheOutcome.Hit, 1, times: 9);

        var report = Report(queriesOfReads: 2, queriesOfWrites: 1);

        Assert.True(report.IsMet);
        Assert.Equal(0.9, report.HitRatio);
        Assert.Equal(21, report.QueriesWithout);
        Assert.Equal(3, report.QueriesWith);
        Assert.Equal(0.9, report.Rows[0].QueriesSaved, 3);
    }

    [Fact]
    public void From_HitsSlowerThanDocumented_IsNotMet()
    {
        Read(CacheOutcome.Hit, 6, times: 10);

        Assert.False(Report(0, 0).IsMet);
    }

    [Fact]
    public void From_HitsThatWereNotTimed_CountButSayNothingOfTheTime()
    {
        Read(CacheOutcome.Hit, 1, times: 9);
        _log.Read(Endpoint, CacheOutcome.Hit, 900, isTimed: false);

        Assert.Equal(10, Report(0, 0).Hits);
        Assert.Equal(1, Report(0, 0).Rows[0].HitP99Ms);
    }

    [Theory]
    [InlineData(AnswerVerdict.Stale)]
    [InlineData(AnswerVerdict.Foreign)]
    [InlineData(AnswerVerdict.Failed)]
    internal void From_OneWrongAnswer_IsNotMet(AnswerVerdict verdict)
    {
        Read(CacheOutcome.Hit, 1, times: 10);
        _log.Judged(verdict, "GET /shop/api/categories/", "version 3");

        var report = Report(0, 0);

        Assert.False(report.IsMet);
        Assert.Contains(DemoTable.Totals(report), line => line.Contains("GET /shop/api/categories/: version 3", StringComparison.Ordinal));
    }

    [Fact]
    public void From_LowHitRatio_IsNotMet()
    {
        Read(CacheOutcome.Hit, 1, times: 8);
        Read(CacheOutcome.Collapsed, 90, times: 2);

        Assert.False(Report(0, 0).IsMet);
    }

    private void Read(CacheOutcome outcome, double milliseconds, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            _log.Read(Endpoint, outcome, milliseconds, isTimed: true);
        }
    }

    private DemoReport Report(long queriesOfReads, long queriesOfWrites)
    {
        var uncached = new Dictionary<string, UncachedFigures> { ["shop.categories"] = new(95, 2, 93, Queries: 2) };
        var counts = new Dictionary<string, EndpointStats>
        {
            ["shop.categories"] = new(1, queriesOfReads, 2, 93),
            ["shop.write"] = new(1, queriesOfWrites, 2, 18),
        };
        return DemoReport.From([Endpoint], uncached, _log, new BackendStats(queriesOfReads + queriesOfWrites, 2, counts, "memory"));
    }
}
