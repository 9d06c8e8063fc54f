using CacheGateway.Policies.Rules;

namespace CacheGateway.Policies;

/// <summary>What is said of a policy's name that no policy has.</summary>
internal static class UnknownPolicy
{
    private const int MostNames = 10;
    private const int LongestName = 100;

    /// <summary>"there is no policy "shp"; did you mean "shop"? There are ...": the nearest names first, and how many more there are.</summary>
    /// <param name="name">As somebody wrote it.</param>
    /// <param name="names">Those that there are, each once.</param>
    public static string Text(string name, IReadOnlyCollection<string> names)
    {
        var near = Suggestion.For(name, names);
        var listed = string.Join(", ", Suggestion.NearestFirst(name, names).Take(MostNames));
        var more = names.Count > MostNames ? $" and {names.Count - MostNames} more" : "";
        return $"there is no policy \"{Shorten(name)}\"{(names.Count == 0 ? "" : $"{near}{(near.Length > 0 ? " There" : "; there")} {(names.Count == 1 ? "is" : "are")} {listed}{more}")}";
    }

    /// <summary>On one line, and no longer than a name can be.</summary>
    public static string Shorten(string name) => (name.Length <= LongestName ? name : name[..LongestName] + "...").ReplaceLineEndings(" ");
}
