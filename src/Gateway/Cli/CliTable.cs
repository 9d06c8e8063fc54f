using Spectre.Console;

namespace CacheGateway.Cli;

/// <summary>A table: framed on a terminal, aligned plain columns anywhere else. What does not fit into a terminal is left out by column, and named.</summary>
internal sealed class CliTable(params CliColumn[] columns)
{
    /// <summary>Beside a cell: a blank on either side and the frame.</summary>
    private const int AroundCell = 3;

    /// <summary>Sentences in less than this are a word a line.</summary>
    private const int LeastProse = 24;

    private readonly List<string[]> _rows = [];

    public bool IsEmpty => _rows.Count == 0;

    /// <param name="cells">One for each column.</param>
    public void Add(params string[] cells) => _rows.Add(Array.ConvertAll(cells, Printable));

    /// <summary>The table for a terminal.</summary>
    /// <param name="width">The terminal's, in characters.</param>
    /// <param name="border">What is drawn around it; null = a frame with round corners.</param>
    public Table Framed(int width, TableBorder? border = null)
    {
        var shown = Fitting(width);
        var isTooWide = Needed(shown) > width;
        var table = new Table().Border(border ?? TableBorder.Rounded);
        foreach (var index in shown)
        {
            var column = new TableColumn(new Text(string.Join('\n', columns[index].Lines), new Style(decoration: Decoration.Bold)));
            column = columns[index].IsRight ? column.RightAligned() : column;
            table.AddColumn(columns[index].IsRight || !(columns[index].IsProse || isTooWide) ? column.NoWrap() : column);
        }

        foreach (var row in _rows)
        {
            // Text, not markup: what comes from URLs stays what it is.
            table.AddRow(shown.Select(index => new Text(row[index])));
        }

        return shown.Count == columns.Length ? table
            : table.Caption(Markup.Escape($"too narrow for: {string.Join(", ", columns.Where((_, index) => !shown.Contains(index)).Select(column => column.Name))}"));
    }

    /// <summary>The table where nobody's terminal sets a width: a line for each row, in full.</summary>
    public IEnumerable<string> Plain()
    {
        string[][] lines = [[.. columns.Select(column => column.Name)], .. _rows];
        var widths = columns.Select((_, index) => lines.Max(line => line[index].Length)).ToArray();
        return lines.Select(line => string.Join("  ", line.Select((cell, index) => columns[index].IsRight ? cell.PadLeft(widths[index]) : cell.PadRight(widths[index]))).TrimEnd());
    }

    /// <summary>The columns that are shown, by their numbers.</summary>
    private List<int> Fitting(int width)
    {
        var shown = Enumerable.Range(0, columns.Length).ToList();
        while (Needed(shown) > width && shown.MaxBy(index => columns[index].Spare) is var least && columns[least].Spare > 0)
        {
            shown.Remove(least);
        }

        return shown;
    }

    private int Needed(List<int> shown) => 1 + shown.Sum(index => AroundCell + WidthOf(index));

    private int WidthOf(int index)
    {
        var longest = columns[index].Lines.Concat(_rows.Select(row => row[index])).Max(text => text.Length);
        return columns[index].IsProse ? Math.Min(longest, LeastProse) : longest;
    }

    /// <summary>A URL may hold what steers a terminal.</summary>
    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));
}
