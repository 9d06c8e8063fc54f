using System.Text.Json;
using CacheGateway.Policies;

namespace Gateway.Tests.Policies;

public sealed class PolicySchemaTests
{
    /// <summary>Set to 1, the test writes the schema instead of comparing it.</summary>
    private const string WriteVariable = "WRITE_POLICY_SCHEMA";

    private static readonly string SchemaFile = Path.Combine(Repository.Root, "config", "policies.schema.json");

    [Fact]
    public void SchemaFile_IsMadeFromTheTypes()
    {
        if (Environment.GetEnvironmentVariable(WriteVariable) == "1")
        {
            File.WriteAllText(SchemaFile, PolicySchema.Generate());
        }

        Assert.True(
            File.Exists(SchemaFile) && File.ReadAllText(SchemaFile) == PolicySchema.Generate(),
            $"{SchemaFile} differs from what the types say. Write it anew with: {WriteVariable}=1 dotnet test tests/Gateway.Tests");
    }

    [Fact]
    public void Schema_EveryMember_HasADescriptionAndRefusesOthers()
    {
        using var schema = JsonDocument.Parse(PolicySchema.Generate());

        AssertDescribed(schema.RootElement, "$");
    }

    [Fact]
    public void Schema_Rules_AreInIt()
    {
        using var schema = JsonDocument.Parse(PolicySchema.Generate());
        var policy = schema.RootElement.GetProperty("properties").GetProperty("policies").GetProperty("additionalProperties").GetProperty("properties");

        Assert.Equal("policies", Assert.Single(schema.RootElement.GetProperty("required").EnumerateArray().ToArray()).GetString());
        Assert.Equal("^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$", policy.GetProperty("ttl").GetProperty("pattern").GetString());
        Assert.Equal(3, policy.GetProperty("origin").GetProperty("enum").GetArrayLength());
        Assert.Equal(4, policy.GetProperty("vary").GetProperty("additionalProperties").GetProperty("enum").GetArrayLength());
        Assert.Equal(0.5, policy.GetProperty("jitter").GetProperty("maximum").GetDouble());
        Assert.Equal(2, policy.GetProperty("match").GetProperty("properties").GetProperty("path").GetProperty("anyOf").GetArrayLength());
    }

    private static void AssertDescribed(JsonElement schema, string path)
    {
        Assert.True(schema.TryGetProperty("description", out _), path + " has no description");
        if (schema.TryGetProperty("properties", out var members))
        {
            Assert.False(schema.GetProperty("additionalProperties").GetBoolean(), path + " takes unknown members");
            foreach (var member in members.EnumerateObject().Where(member => member.Name != "policies"))
            {
                AssertDescribed(member.Value, $"{path}.{member.Name}");
            }
        }
    }
}
