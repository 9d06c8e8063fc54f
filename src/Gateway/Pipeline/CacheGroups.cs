using CacheGateway.Model;

namespace CacheGateway.Pipeline;

/// <summary>Cache groups (RFC 9875): lists of strings, valid within one origin.</summary>
internal static class CacheGroups
{
    /// <summary>The quoted strings of a structured-field list (RFC 9875 2); anything that is not a string is skipped.</summary>
    public static IEnumerable<string> Parse(string value)
    {
        var at = 0;
        while ((at = value.IndexOf('"', at)) >= 0)
        {
            var end = at + 1;
            var text = new System.Text.StringBuilder();
            while (end < value.Length && value[end] != '"')
            {
                if (value[end] == '\\' && end + 1 < value.Length)
                {
                    end++;
                }

                text.Append(value[end++]);
            }

            if (end >= value.Length)
            {
                yield break;
            }

            if (text.Length > 0)
            {
                yield return text.ToString();
            }

            at = end + 1;
        }
    }

    /// <summary>The tag a group is kept under: RFC 9875 2.1, a group is known by its origin.</summary>
    public static string Tag(ResourceId resource, string group) => $"group:{resource.Scheme}://{TagText.Encode(resource.Authority)}/{TagText.Encode(group)}";
}
