using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CacheGateway.Policies;

namespace CacheGateway.Invalidation.Events;

/// <summary>
/// What a backend says happened, version 1:
/// <code>
/// {"event":"category.saved","id":"01J...","data":{"id":7}}     "type" may stand for "event"; id and data may be missing
/// </code>
/// Members that are not known are left alone, because senders have more to say than caches need; a member that stands twice is an error.
/// </summary>
internal sealed record EventMessage(string Event, string? Id, JsonElement Data)
{
    public const int MaxBytes = 256 * 1024;

    private const int MaxName = 256;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    /// <summary>
    /// By what it is remembered as done; null where it has no id. Systems number their events apart, and one that says something else under an id of before says it for the first time.
    /// </summary>
    public string? Once => Id is null ? null
        : $"event:{Event}:{Id}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Data.ValueKind == JsonValueKind.Undefined ? "" : Data.GetRawText())))}";

    public static bool TryParse(ReadOnlyMemory<byte> json, [NotNullWhen(true)] out EventMessage? message, [NotNullWhen(false)] out string? error)
    {
        message = null;
        if (!TryParse(json, out JsonElement root, out error))
        {
            return false;
        }

        message = Of(root);
        error = message is null ? "it names no event" : null;
        return message is not null;
    }

    /// <summary>The JSON object in <paramref name="json"/>.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> json, out JsonElement root, [NotNullWhen(false)] out string? error)
    {
        root = default;
        if (json.Length > MaxBytes)
        {
            error = "it is too long";
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            root = document.RootElement.Clone();
            error = root.ValueKind == JsonValueKind.Object ? null : "it is no JSON object";
            return error is null;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a name that is no text (half a surrogate pair).
            error = "it is not valid JSON";
            return false;
        }
    }

    /// <summary>Null = it names no event.</summary>
    public static EventMessage? Of(JsonElement root)
    {
        var name = Text(root, "event") ?? Text(root, "type");
        if (name is not { Length: > 0 and <= MaxName })
        {
            return null;
        }

        var id = Text(root, "id");
        return new EventMessage(name, IsId(id) ? id : null, JsonText.Member(root, "data") ?? default);
    }

    /// <summary>
    /// The text of an event whose sender named the message <paramref name="id"/>, which is the event's own where it has none: others raise it once then, however many gateways it comes to. As it came where that
    /// would make it too long.
    /// </summary>
    public static string WithId(JsonElement root, string id)
    {
        var json = root.GetRawText();
        var named = JsonText.Member(root, "id") is null ? $"{{\"id\":{JsonSerializer.Serialize(id)},{json.AsSpan(1)}" : json;
        return Encoding.UTF8.GetByteCount(named) <= MaxBytes ? named : json;
    }

    /// <summary>Whether it tells events apart: neither missing nor empty, which many events would share, nor endless.</summary>
    public static bool IsId([NotNullWhen(true)] string? id) => id is { Length: > 0 and <= MaxName };

    private static string? Text(JsonElement root, string name) =>
        JsonText.Member(root, name) is not { } value ? null : value.ValueKind == JsonValueKind.Number ? value.GetRawText() : JsonText.Of(value);
}
