using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace CacheGateway.ResultTable;

/// <summary>What the result files of one run say about catalogue rows and figures.</summary>
/// <param name="Rows">Of each catalogue ("Attack", "Fault"): row and whether every test of it that ran passed.</param>
/// <param name="Counts">Figures, added up.</param>
/// <param name="Unreadable">Files that a runner left half written, and why they cannot be read.</param>
internal sealed record TestResults(
    IReadOnlyDictionary<string, SortedDictionary<string, bool>> Rows, SortedDictionary<string, long> Counts, IReadOnlyList<(string File, string Why)> Unreadable)
{
    private const string CountPrefix = "count: ";

    private static readonly string[] Catalogues = ["Attack", "Fault"];

    public static TestResults Read(IEnumerable<string> files)
    {
        var rows = Catalogues.ToDictionary(name => name, _ => new SortedDictionary<string, bool>(StringComparer.Ordinal));
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var unreadable = new List<(string, string)>();
        foreach (var file in files)
        {
            try
            {
                foreach (var test in XDocument.Load(file).Descendants("test"))
                {
                    Add(test, rows, counts);
                }
            }
            catch (XmlException broken)
            {
                unreadable.Add((file, broken.Message));
            }
        }

        return new TestResults(rows, counts, unreadable);
    }

    private static void Add(XElement test, Dictionary<string, SortedDictionary<string, bool>> rows, SortedDictionary<string, long> counts)
    {
        var result = (string?)test.Attribute("result");
        if (result is not ("Pass" or "Fail"))
        {
            // A test that did not run has tried nothing.
            return;
        }

        foreach (var trait in test.Descendants("trait"))
        {
            if (rows.TryGetValue((string?)trait.Attribute("name") ?? "", out var catalogue) && (string?)trait.Attribute("value") is { } row)
            {
                catalogue[row] = catalogue.GetValueOrDefault(row, true) && result == "Pass";
            }
        }

        foreach (var attachment in test.Descendants("attachment"))
        {
            if ((string?)attachment.Attribute("name") is { } name && name.StartsWith(CountPrefix, StringComparison.Ordinal)
                && long.TryParse(attachment.Value.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            {
                counts[name[CountPrefix.Length..]] = counts.GetValueOrDefault(name[CountPrefix.Length..]) + number;
            }
        }
    }
}
