using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Pipeline;

/// <summary>Cache groups (RFC 9875): lists of strings, valid within one origin.</summary>
internal static class CacheGroups
{
    /// <summary>
    /// The strings of a structured-field list (RFC 9875 2), without their parameters; a member that is no string is skipped, and a field that is no list names none (RFC 9651 4.2).
    /// </summary>
    /// <param name="joinedLines">All lines of the field.</param>
    public static IReadOnlyList<string> Parse(string joinedLines)
    {
        List<string> groups = [];
        var reader = new StructuredFieldReader(joinedLines, isList: true);
        while (reader.Read())
        {
            if (reader is { Kind: StructuredKind.String, Text.IsEmpty: false })
            {
                groups.Add(Unescaped(reader.Text));
            }
        }

        return reader.Failed ? [] : groups;
    }

    /// <summary>The tags of the groups that a field names in any of its lines.</summary>
    public static IEnumerable<string> Tags(ResourceId resource, HeaderField[] headers, string name) =>
        ResponseFacts.Joined(headers, name) is { } lines ? Parse(lines).Select(group => Tag(resource, group)) : [];

    /// <summary>The tag a group is kept under: RFC 9875 2.1, a group is known by its origin.</summary>
    private static string Tag(ResourceId resource, string group) => $"group:{resource.Scheme}://{TagText.Encode(resource.Authority)}/{TagText.Encode(group)}";

    private static string Unescaped(ReadOnlySpan<char> text)
    {
        var unescaped = new System.Text.StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            // The reader has seen that something follows.
            unescaped.Append(text[i] == '\\' ? text[++i] : text[i]);
        }

        return unescaped.ToString();
    }
}
