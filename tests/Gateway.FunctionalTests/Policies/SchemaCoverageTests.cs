using System.Reflection;
using System.Text.Json;
using CacheGateway.FunctionalTests.Documentation;

namespace CacheGateway.FunctionalTests.Policies;

/// <summary>No member of policies.json is without effect: each is named by a test that shows it.</summary>
public sealed class SchemaCoverageTests
{
    private static readonly Dictionary<string, string> Exempt = new()
    {
        ["$.$schema"] = "for editors; read by nobody else",
        ["description"] = "documentation",
    };

    private static readonly string[] Members = [.. ReadMembers()];

    private static readonly string[] Covered =
    [
        .. typeof(SchemaCoverageTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods())
            .SelectMany(method => method.GetCustomAttributes<CoversPolicyAttribute>())
            .SelectMany(covers => covers.Members),
    ];

    [Fact]
    public void Schema_EveryMember_IsCoveredByATest() => Assert.Empty(Members.Except(Covered).Except(Exempt.Keys));

    [Fact]
    public void Covered_AndExempt_AreMembersOfTheSchema() => Assert.Empty(Covered.Concat(Exempt.Keys).Except(Members));

    [Fact]
    public void Exempt_IsNothingThatATestCovers() => Assert.Empty(Exempt.Keys.Intersect(Covered));

    private static IEnumerable<string> ReadMembers()
    {
        using var schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "config", "policies.schema.json")));
        var properties = schema.RootElement.GetProperty("properties");
        var policy = properties.GetProperty("policies").GetProperty("additionalProperties");
        return [.. Leaves(policy, ""), .. properties.EnumerateObject().Where(member => member.Name != "policies").SelectMany(member => Leaves(member.Value, "$." + member.Name))];
    }

    /// <summary>Members that have none of their own, through maps of objects as well.</summary>
    private static IEnumerable<string> Leaves(JsonElement schema, string path)
    {
        if (schema.TryGetProperty("properties", out var members))
        {
            return members.EnumerateObject().SelectMany(member => Leaves(member.Value, path.Length > 0 ? $"{path}.{member.Name}" : member.Name));
        }

        return schema.TryGetProperty("additionalProperties", out var values) && values.ValueKind == JsonValueKind.Object && values.TryGetProperty("properties", out _)
            ? Leaves(values, path)
            : [path];
    }
}
