using System.Text.Json;

namespace CacheGateway.Cli.Demo;

/// <summary>Judges an answer by what the request asked for and by what was confirmed before it was sent.</summary>
internal static class AnswerCheck
{
    public static AnswerVerdict Judge(DemoRead read, int status, ReadOnlyMemory<byte> body, long sentAt, AcknowledgedWrites writes)
    {
        if (status != StatusCodes.Status200OK)
        {
            return AnswerVerdict.Failed;
        }

        try
        {
            using var document = JsonDocument.Parse(body);
            var answer = document.RootElement;
            return read.Echo.Any(echo => Text(answer, echo.Member) != echo.Value) ? AnswerVerdict.Foreign
                : answer.GetProperty("version").GetInt64() < Least(read, answer, sentAt, writes) ? AnswerVerdict.Stale
                : AnswerVerdict.Right;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return AnswerVerdict.Failed;
        }
    }

    private static long Least(DemoRead read, JsonElement answer, long sentAt, AcknowledgedWrites writes)
    {
        var scopes = read.InnerScope is { } inner ? read.Scopes.Append(inner.Prefix + Text(answer, inner.Member)) : read.Scopes;
        return scopes.Select(scope => writes.Before(scope, sentAt)).DefaultIfEmpty().Max();
    }

    private static string? Text(JsonElement answer, string member) =>
        !answer.TryGetProperty(member, out var value) ? null : value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();
}
