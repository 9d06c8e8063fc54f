using System.Globalization;
using System.Text.RegularExpressions;

namespace CacheGateway.Tests.Architecture;

/// <summary>
/// A bug that the explorer of interleavings must find, as its patch plants it. One that fits no more plants nothing, and nobody would see that but who runs them all.
/// </summary>
/// <param name="Name">Of the patch, without its ending.</param>
/// <param name="Places">Where it changes something.</param>
internal sealed partial record PlantedBug(string Name, IReadOnlyList<PlantedBug.Place> Places)
{
    /// <param name="name">Of the patch.</param>
    /// <param name="patch">In the unified format.</param>
    /// <exception cref="FormatException">It is no patch, or a place of it is shorter than it says.</exception>
    public static PlantedBug Read(string name, string patch)
    {
        var places = new List<Place>();
        var lines = new Queue<string>(patch.Split('\n'));
        var file = "";
        while (lines.TryDequeue(out var line))
        {
            if (line.StartsWith("--- a/", StringComparison.Ordinal))
            {
                file = line["--- a/".Length..];
            }
            else if (Heading().Match(line) is { Success: true } heading)
            {
                places.Add(Place.Read(file, Number(heading.Groups["before"]), Number(heading.Groups["after"]), lines));
            }
            else if (line.Length > 0 && !line.StartsWith("+++ b/", StringComparison.Ordinal))
            {
                throw new FormatException($"{name}: '{line}' stands in no place.");
            }
        }

        return places.Count > 0 ? new PlantedBug(name, places) : throw new FormatException($"{name} changes nothing.");
    }

    /// <summary>The places that are not in the sources, or not just once: then it would be planted in one of them by chance.</summary>
    /// <param name="source">The text of a file, by its path; null where there is none.</param>
    public IEnumerable<string> Misfits(Func<string, string?> source) => Places
        .Where(place => place.OccurrencesIn(source(place.File)) != 1)
        .Select(place => $"{Name}: {place.OccurrencesIn(source(place.File))} times in {place.File}:\n{string.Join('\n', place.Before)}");

    private static int Number(Group lines) => lines.Success ? int.Parse(lines.Value, CultureInfo.InvariantCulture) : 1;

    [GeneratedRegex(@"^@@ -\d+(?:,(?<before>\d+))? \+\d+(?:,(?<after>\d+))? @@")]
    private static partial Regex Heading();

    /// <summary>Lines that follow each other in one file, some of which are taken away or have others put between them.</summary>
    /// <param name="File">From the root of the repository.</param>
    /// <param name="Before">As they are without the bug.</param>
    internal sealed record Place(string File, IReadOnlyList<string> Before)
    {
        /// <summary>Takes the lines of one place, which its heading counts: a removed line may look like anything else.</summary>
        public static Place Read(string file, int before, int after, Queue<string> lines)
        {
            var kept = new List<string>();
            var changes = 0;
            while (before > 0 || after > 0)
            {
                var line = lines.TryDequeue(out var next) && next.Length > 0 ? next : throw new FormatException($"A place in {file} ends before its time.");
                var isInBoth = line[0] == ' ';
                if (!isInBoth && line[0] is not ('-' or '+'))
                {
                    throw new FormatException($"'{line}' neither stays in {file} nor comes or goes.");
                }

                changes += isInBoth ? 0 : 1;
                after -= line[0] == '-' ? 0 : 1;
                if (line[0] != '+')
                {
                    before--;
                    kept.Add(line[1..]);
                }
            }

            return changes > 0 ? new Place(file, kept) : throw new FormatException($"A place in {file} changes nothing.");
        }

        public int OccurrencesIn(string? text)
        {
            string[] before = [.. Before];
            var lines = text?.Split('\n') ?? [];
            return Enumerable.Range(0, Math.Max(0, lines.Length - before.Length + 1)).Count(first => lines.AsSpan(first, before.Length).SequenceEqual(before));
        }
    }
}
