using CacheGateway.Cli.Demo;
using Spectre.Console;

namespace CacheGateway.Tests.Cli.Demo;

/// <summary>The table before and after, on the terminals that people have.</summary>
public sealed class DemoTableTests
{
    [Theory]
    [InlineData(80, false)]
    [InlineData(120, true)]
    public void Show_OnATerminal_KeepsEndpointsFiguresAndTicksWhole(int width, bool isDocumentedShown)
    {
        var lines = Shown(width, console => DemoTable.Show(Report(), console));

        var row = Assert.Single(lines, line => line.Contains("shop.products.filtered", StringComparison.Ordinal));
        Assert.EndsWith("✓", row.Trim(), StringComparison.Ordinal);
        Assert.Contains(" 100.0 ", row, StringComparison.Ordinal);
        Assert.Equal(isDocumentedShown, lines.Any(line => line.Contains("documented", StringComparison.Ordinal) && line.Contains("hit p50", StringComparison.Ordinal)));
        Assert.All(lines.TakeWhile(line => !line.StartsWith("requests", StringComparison.Ordinal)), line => Assert.True(line.Length <= width, line));
    }

    /// <summary>The exit code is 1 then, and somebody asks why.</summary>
    [Fact]
    public void Totals_NameTheRowsThatMissed()
    {
        var met = Report().Rows[0];
        var report = Report() with { Rows = [met, met with { Endpoint = "slow", HitP50Ms = 700 }, met with { Endpoint = "cold", HitP50Ms = null, DocumentedMs = null }] };

        Assert.DoesNotContain(DemoTable.Totals(Report()), line => line.StartsWith("missed", StringComparison.Ordinal));
        Assert.Equal(
            "missed     2 of 3 rows ✗: slow (700.0 ms, documented 650 ms), cold (no hit was timed; a longer --duration helps)",
            Assert.Single(DemoTable.Totals(report), line => line.StartsWith("missed", StringComparison.Ordinal)));
    }

    [Fact]
    public void Line_IsOneLineHoweverLong()
    {
        const string Curl = "  curl -i -X PATCH http://127.0.0.1:8080/shop/api/categories/7/ -H \"Content-Type: application/json\" -d '{\"description\":\"New\"}'";

        Assert.Equal([Curl], Shown(80, console => console.Line(Curl)));
    }

    private static string[] Shown(int width, Action<DemoConsole> show)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = width;
        show(new DemoConsole(console, isTerminal: true));
        return text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static DemoReport Report() => new()
    {
        Rows =
        [
            new DemoRow
            {
                Endpoint = "shop.products.filtered",
                Uncached = new UncachedFigures(1804, 8.6, 1795, 3),
                HitP50Ms = 0.3,
                HitP99Ms = 3.3,
                DocumentedMs = 650,
                Reads = 100,
                Hits = 100,
                Collapsed = 0,
                QueriesWithout = 300,
                QueriesWith = 0,
            },
        ],
        Source = "memory",
        Writes = 1,
        Stale = 0,
        Foreign = 0,
        Failed = 0,
        Wrong = [],
        QueriesWith = 1,
        QueriesWithout = 301,
    };
}
