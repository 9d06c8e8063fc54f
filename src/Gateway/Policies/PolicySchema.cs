using System.ComponentModel;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CacheGateway.Policies.Document;
using CacheGateway.Policies.Rules;

namespace CacheGateway.Policies;

/// <summary>The JSON schema of policies.json, made from the same types and rules that the reader walks.</summary>
public static class PolicySchema
{
    private static readonly JsonSerializerOptions Shape = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The text of config/policies.schema.json.</summary>
    public static string Generate()
    {
        var made = (JsonObject)Shape.GetJsonSchemaAsNode(typeof(PolicyDocument), new JsonSchemaExporterOptions { TransformSchemaNode = Transform });
        var schema = new JsonObject { ["$schema"] = "https://json-schema.org/draft/2020-12/schema" };
        foreach (var (name, value) in made)
        {
            schema[name] = value?.DeepClone();
        }

        return schema.ToJsonString(Readable) + "\n";
    }

    private static JsonNode Transform(JsonSchemaExporterContext context, JsonNode node)
    {
        if (node is not JsonObject schema)
        {
            return node;
        }

        // A member that is not set is left out: null is refused.
        if (schema["type"] is JsonArray types)
        {
            schema["type"] = types.First(type => type!.GetValue<string>() != "null")!.DeepClone();
        }

        var attributes = context.PropertyInfo?.AttributeProvider;
        if (Find<ValueRuleAttribute>(attributes) is { } rule)
        {
            rule.Describe(ValueOf(schema));
        }

        if (Find<OneOrManyAttribute>(attributes) is not null)
        {
            var item = ValueOf(schema).DeepClone();
            schema = new JsonObject { ["anyOf"] = new JsonArray(item, schema) };
        }

        if ((Find<DescriptionAttribute>(attributes) ?? context.TypeInfo.Type.GetCustomAttribute<DescriptionAttribute>()) is { } description)
        {
            schema.Insert(0, "description", description.Description);
        }

        return schema;
    }

    private static T? Find<T>(ICustomAttributeProvider? attributes)
        where T : Attribute => attributes?.GetCustomAttributes(typeof(T), inherit: true).OfType<T>().FirstOrDefault();

    /// <summary>Where a rule applies: to each item of a list, each value of a map, else to the value itself.</summary>
    private static JsonObject ValueOf(JsonObject schema) =>
        schema["items"] as JsonObject ?? schema["additionalProperties"] as JsonObject ?? schema;
}
