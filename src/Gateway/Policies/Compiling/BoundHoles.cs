using CacheGateway.Model;
using CacheGateway.Policies.Rules;

namespace CacheGateway.Policies.Compiling;

/// <summary>Which holes of a tag have a value where it is made. Without paths given, any dotted name (an event's data).</summary>
internal sealed class BoundHoles(IReadOnlyList<PathTemplate>? paths)
{
    public const string Query = "query.";
    public const string Header = "header.";

    /// <summary>The holes of an event's tags.</summary>
    public static readonly BoundHoles OfEvents = new(null);

    public static bool IsQuery(string hole) => hole.StartsWith(Query, StringComparison.Ordinal);

    public static bool IsHeader(string hole) => hole.StartsWith(Header, StringComparison.Ordinal);

    /// <summary>Why the hole has no value, or null when it has one.</summary>
    public string? Problem(string hole)
    {
        if (paths is null)
        {
            return hole.Split('.').All(name => name.Length > 0) ? null : $"has a hole {{{hole}}} that names nothing in an event's data";
        }

        if (IsQuery(hole) || IsHeader(hole))
        {
            return FieldNameAttribute.IsToken(hole[(hole.IndexOf('.', StringComparison.Ordinal) + 1)..]) ? null : $"has a hole {{{hole}}} without a name";
        }

        // A policy without a path binds nothing.
        var lacking = paths.Where(path => !path.Names.Contains(hole)).Select(path => path.Text).FirstOrDefault() ?? (paths.Count == 0 ? "" : null);
        return lacking is null ? null
            : $"has a hole {{{hole}}} that the path {(lacking.Length == 0 ? "" : $"\"{lacking}\" ")}does not bind; "
                + "use a name of the path, {query.NAME} or {header.NAME}";
    }
}
