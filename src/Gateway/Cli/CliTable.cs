using Spectre.Console;

namespace CacheGateway.Cli;

/// <summary>A table: framed on a terminal, aligned plain columns anywhere else.</summary>
/// <param name="columns">Titles; one that ends in "&gt;" is aligned to the right.</param>
internal sealed class CliTable(params string[] columns)
{
    private readonly List<string[]> _rows = [];

    public bool IsEmpty => _rows.Count == 0;

    public void Add(params string[] cells) => _rows.Add(cells);

    public Table Framed()
    {
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var column in columns)
        {
            var title = new TableColumn(new Text(Title(column), new Style(decoration: Decoration.Bold)));
            table.AddColumn(IsRight(column) ? title.RightAligned().NoWrap() : title);
        }

        foreach (var row in _rows)
        {
            // Text, not markup: what comes from URLs stays what it is.
            table.AddRow(row.Select(cell => new Text(Printable(cell))));
        }

        return table;
    }

    public IEnumerable<string> Plain()
    {
        string[][] lines = [[.. columns.Select(Title)], .. _rows.Select(row => Array.ConvertAll(row, Printable))];
        var widths = columns.Select((_, index) => lines.Max(line => line[index].Length)).ToArray();
        return lines.Select(line => string.Join("  ", line.Select((cell, index) => IsRight(columns[index]) ? cell.PadLeft(widths[index]) : cell.PadRight(widths[index]))).TrimEnd());
    }

    /// <summary>A URL may hold what steers a terminal.</summary>
    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));

    private static bool IsRight(string column) => column.EndsWith('>');

    private static string Title(string column) => column.TrimEnd('>');
}
