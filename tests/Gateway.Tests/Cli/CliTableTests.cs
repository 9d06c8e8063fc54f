using CacheGateway.Cli;
using Spectre.Console;

namespace CacheGateway.Tests.Cli;

/// <summary>Tables on terminals of any width: names and figures are whole, and what there is no room for is named.</summary>
public sealed class CliTableTests
{
    private static readonly string[] Names = ["booking-availability", "/a/rather/long/path?with=a&query=of&its=own&that=goes&on=and&on=until&it=is&wider=than&a=terminal"];

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public void Framed_KeepsNamesAndFiguresWhole(int width)
    {
        var lines = Rendered(Table(), width);

        Assert.All(lines, line => Assert.True(line.Length <= width, line));
        var row = Assert.Single(lines, line => line.Contains(Names[0], StringComparison.Ordinal));
        Assert.Contains(" 44,711 ", row, StringComparison.Ordinal);
        Assert.Contains(" 100.0 % ", row, StringComparison.Ordinal);
    }

    [Fact]
    public void Framed_LeavesOutByImportance_AndSaysWhat()
    {
        var lines = Rendered(Table(), 80);

        Assert.DoesNotContain(lines, line => line.Contains("seldom", StringComparison.Ordinal) && !line.Contains("too narrow", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Trim() == "too narrow for: seldom read");
        Assert.Contains(lines, line => line.Contains("often", StringComparison.Ordinal));
        Assert.DoesNotContain(Rendered(Table(), 140), line => line.Contains("too narrow", StringComparison.Ordinal));
    }

    [Fact]
    public void Framed_NarrowerThanWhatIsAlwaysShown_FoldsIt()
    {
        var lines = Rendered(Table(), 30);

        Assert.All(lines, line => Assert.True(line.Length <= 30, line));
    }

    [Fact]
    public void Plain_IsWholeWhateverTheWidth()
    {
        string[] lines = [.. Table().Plain()];

        Assert.Contains("seldom read", lines[0], StringComparison.Ordinal);
        Assert.Contains(Names[1], lines[1], StringComparison.Ordinal);
    }

    private static CliTable Table()
    {
        var table = new CliTable(
            "policy", "requests>", "hit\nratio>", new CliColumn("seldom\nread>") { Spare = 2 }, new CliColumn("often>") { Spare = 1 }, new CliColumn("url") { IsProse = true });
        table.Add(Names[0], "44,711", "100.0 %", "123.4", "5", Names[1]);
        return table;
    }

    private static string[] Rendered(CliTable table, int width)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = width;
        console.Write(table.Framed(width));
        return text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
