using System.Text.Json;

namespace BackendApi.Tests.Setup;

internal static class Json
{
    public static int Int(this JsonElement json, string name) => json.GetProperty(name).GetInt32();

    public static long Version(this JsonElement json) => json.GetProperty("version").GetInt64();

    public static decimal Decimal(this JsonElement json, string name) => json.GetProperty(name).GetDecimal();

    public static string Text(this JsonElement json, string name) => json.GetProperty(name).GetString()!;

    public static JsonElement[] Items(this JsonElement json, string name = "items") => [.. json.GetProperty(name).EnumerateArray()];

    public static string[] Names(this JsonElement json, string name) => [.. json.GetProperty(name).EnumerateObject().Select(member => member.Name)];
}
