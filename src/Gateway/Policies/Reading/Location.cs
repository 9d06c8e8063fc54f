using System.Text.Json;

namespace CacheGateway.Policies.Reading;

/// <summary>A place in the file: a JSON path, from the policy where there is one, else from the top.</summary>
internal readonly record struct Location(string? Policy, string Path)
{
    public static readonly Location Root = new(null, "$");

    public static Location OfPolicy(string name) => new(name, "$");

    public Location Member(string name)
    {
        var plain = name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '$');
        return this with { Path = plain ? $"{Path}.{name}" : $"{Path}[{JsonSerializer.Serialize(name)}]" };
    }

    public Location Item(int index) => this with { Path = $"{Path}[{index}]" };
}
