using System.ComponentModel;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace CacheGateway.Cli.PolicyFiles;

/// <summary>The JSON schema of case files, made from the types that read them.</summary>
internal static class CaseSchema
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The text of config/policy-cases.schema.json.</summary>
    public static string Generate()
    {
        var shape = new JsonSerializerOptions(CaseFile.Json) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };
        var made = (JsonObject)shape.GetJsonSchemaAsNode(typeof(CaseFile), new JsonSchemaExporterOptions { TransformSchemaNode = Describe });
        made.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        return made.ToJsonString(Readable) + "\n";
    }

    private static JsonNode Describe(JsonSchemaExporterContext context, JsonNode node)
    {
        if (node is not JsonObject schema)
        {
            return node;
        }

        // A member that is not set is left out.
        if (schema["type"] is JsonArray types)
        {
            schema["type"] = types.First(type => type!.GetValue<string>() != "null")!.DeepClone();
        }

        schema.Remove("default");
        var attributes = context.PropertyInfo?.AttributeProvider?.GetCustomAttributes(typeof(DescriptionAttribute), inherit: true).OfType<DescriptionAttribute>().FirstOrDefault();
        if ((attributes ?? context.TypeInfo.Type.GetCustomAttribute<DescriptionAttribute>()) is { } description && context.PropertyInfo is not null | context.Path.IsEmpty)
        {
            schema.Insert(0, "description", description.Description);
        }

        return schema;
    }
}
