using System.Globalization;
using CacheGateway.ResultTable;

// Prints what a run of the tests proved, from the result files (xUnit XML, and soak.json of the soak) in the folder named: ResultTable FOLDER
if (args is not [var folder] || !Directory.Exists(folder))
{
    Console.Error.WriteLine("usage: ResultTable FOLDER   (of xUnit result files)");
    return 2;
}

var results = TestResults.Read(Directory.EnumerateFiles(folder, "*.xml").Order(StringComparer.Ordinal));
foreach (var line in Table.Of(results).Concat(SoakResult.Lines(Path.Combine(folder, "soak.json"))))
{
    Console.WriteLine(line);
}

foreach (var (file, why) in results.Unreadable)
{
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(file)} cannot be read: {why}"));
}

return 0;
