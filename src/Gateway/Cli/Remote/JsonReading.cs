using System.Globalization;
using System.Text.Json;

namespace CacheGateway.Cli.Remote;

/// <summary>Reads the gateway's answers for people: what an older or newer gateway does not send is a dash, not an error.</summary>
internal static class JsonReading
{
    private const string Absent = "-";

    public static JsonElement? Get(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null ? value : null;

    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) =>
        element.Get(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    public static IEnumerable<JsonProperty> Members(this JsonElement element, string name) =>
        element.Get(name) is { ValueKind: JsonValueKind.Object } map ? map.EnumerateObject() : [];

    public static string? Text(this JsonElement element, string name) => element.Get(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    public static double? Number(this JsonElement element, string name) => element.Get(name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : null;

    public static int Count(this JsonElement element, string name) => (int)(element.Number(name) ?? 0);

    /// <summary>For a cell of a table.</summary>
    public static string Shown(this JsonElement element, string name, string format = "#,0") =>
        element.Number(name)?.ToString(format, CultureInfo.InvariantCulture) ?? element.Text(name) ?? Absent;

    /// <summary>A share between 0 and 1 in percent.</summary>
    public static string Percent(this JsonElement element, string name) =>
        element.Number(name) is { } share ? (share * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %" : Absent;

    public static string Bytes(this JsonElement element, string name) => element.Number(name) is { } bytes
        ? bytes switch
        {
            >= 1 << 30 => (bytes / (1 << 30)).ToString("0.0", CultureInfo.InvariantCulture) + " GB",
            >= 1 << 20 => (bytes / (1 << 20)).ToString("0.0", CultureInfo.InvariantCulture) + " MB",
            >= 1 << 10 => (bytes / (1 << 10)).ToString("0.0", CultureInfo.InvariantCulture) + " KB",
            _ => bytes.ToString("0", CultureInfo.InvariantCulture) + " B",
        }
        : Absent;
}
