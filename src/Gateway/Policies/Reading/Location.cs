using System.Text.Json;

namespace CacheGateway.Policies.Reading;

/// <summary>A place in the file: a JSON path, from the policy where there is one, else from the top.</summary>
internal readonly record struct Location(string? Policy, string Path)
{
    public static readonly Location Root = new(null, "$");

    public static Location OfPolicy(string name) => new(name, "$");

    /// <summary>Tells apart what stands in one place, because a name on the way to it stands several times in one object; "" = each is the first.</summary>
    public string Occurrence { get; init; } = "";

    /// <summary>The same place when it stands there once more.</summary>
    /// <param name="times">How often it stood there before; at least 1.</param>
    public Location Again(int times) => this with { Occurrence = $"{Occurrence}\n{Path}#{times}" };

    /// <summary>The place that this one repeats.</summary>
    public Location First => this with { Occurrence = Occurrence[..Occurrence.LastIndexOf('\n')] };

    public Location Member(string name)
    {
        var plain = name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '$');
        return this with { Path = plain ? $"{Path}.{name}" : $"{Path}[{JsonSerializer.Serialize(name)}]" };
    }

    public Location Item(int index) => this with { Path = $"{Path}[{index}]" };
}
