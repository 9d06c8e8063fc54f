using System.Text.Json;
using System.Text.Json.Nodes;

namespace CacheGateway.Operations.Explaining;

/// <summary>What to write into a policy, as JSON on one line.</summary>
internal static class PolicySnippet
{
    /// <param name="members">JSON paths within the policy ("key.identity"), each with its value; those within one member stand in it together.</param>
    public static string Of(IEnumerable<KeyValuePair<string, string>> members)
    {
        var root = new JsonObject();
        foreach (var (path, json) in members)
        {
            var names = path.Split('.');
            var at = root;
            foreach (var name in names[..^1])
            {
                if (at[name] is not JsonObject inner)
                {
                    at[name] = inner = [];
                }

                at = inner;
            }

            at[names[^1]] = JsonNode.Parse(json);
        }

        return Text(root);
    }

    private static string Text(JsonNode? node) => node is JsonObject members
        ? "{ " + string.Join(", ", members.Select(member => $"{JsonSerializer.Serialize(member.Key)}: {Text(member.Value)}")) + " }"
        : node?.ToJsonString() ?? "null";
}
