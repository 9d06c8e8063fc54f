using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CacheGateway.Cli;

/// <summary>How commands say things: results to standard output, complaints to standard error, one line each.</summary>
internal static class CliText
{
    /// <summary>For <c>--json</c>: readable, for it goes to files and terminals and never into a page.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static Task WriteJsonAsync<T>(T value) => Console.Out.WriteLineAsync(JsonSerializer.Serialize(value, Json));

    /// <summary>A mistake of whoever called: one line, exit code 2.</summary>
    public static Task<int> BadUsageAsync(string message) => ComplainAsync(message, RootCommands.BadUsage);

    /// <summary>It was asked for rightly and did not work: one line, exit code 1.</summary>
    public static Task<int> FailedAsync(string message) => ComplainAsync(message, RootCommands.Failed);

    private static async Task<int> ComplainAsync(string message, int exit)
    {
        await Console.Error.WriteLineAsync($"cachegateway: {message.ReplaceLineEndings(" ")}");
        return exit;
    }
}
