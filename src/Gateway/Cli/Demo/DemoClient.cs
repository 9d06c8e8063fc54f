using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace CacheGateway.Cli.Demo;

/// <summary>Sends one read or write to the gateway, times it, checks the answer and counts it.</summary>
internal sealed class DemoClient(HttpClient http, Uri gateway, TrafficLog log, AcknowledgedWrites confirmed)
{
    public async Task ReadAsync(DemoEndpoint endpoint, DemoRead read, bool isTimed, CancellationToken cancellation)
    {
        using var request = read.ToRequest(gateway);
        var sentAt = Stopwatch.GetTimestamp();
        try
        {
            using var response = await http.SendAsync(request, cancellation);
            var body = await response.Content.ReadAsByteArrayAsync(cancellation);
            var elapsed = Stopwatch.GetElapsedTime(sentAt);
            log.Read(endpoint, CacheOutcomes.Of(response), elapsed.TotalMilliseconds, isTimed);
            var verdict = AnswerCheck.Judge(read, (int)response.StatusCode, body, sentAt, confirmed);
            if (verdict != AnswerVerdict.Right)
            {
                log.Judged(verdict, Name(request, read), Detail(response, body));
            }
        }
        catch (HttpRequestException exception)
        {
            log.Judged(AnswerVerdict.Failed, Name(request, read), exception.Message);
        }
    }

    public async Task WriteAsync(DemoWrite write, CancellationToken cancellation)
    {
        using var request = write.ToRequest(gateway);
        try
        {
            using var response = await http.SendAsync(request, cancellation);
            var body = await response.Content.ReadAsByteArrayAsync(cancellation);
            if (response.IsSuccessStatusCode && VersionIn(body) is { } version)
            {
                confirmed.Add(write.Scopes, version, Stopwatch.GetTimestamp());
                log.Written();
            }
            else if ((int)response.StatusCode != StatusCodes.Status409Conflict)
            {
                // A conflict is an answer: somebody else has the slot, or the basket is full.
                log.Judged(AnswerVerdict.Failed, $"{write.Method} {write.Path}", Detail(response, body));
            }
        }
        catch (HttpRequestException exception)
        {
            log.Judged(AnswerVerdict.Failed, $"{write.Method} {write.Path}", exception.Message);
        }
    }

    private static string Name(HttpRequestMessage request, DemoRead read) =>
        $"{request.Method} {read.Path}{(read.User ?? read.Session) switch { null => "", var who => $" as {who}" }}";

    private static string Detail(HttpResponseMessage response, byte[] body)
    {
        var status = response.Headers.TryGetValues("Cache-Status", out var lines) ? string.Join(", ", lines) : "no Cache-Status";
        return $"{(int)response.StatusCode}, {status}, {Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 100)))}";
    }

    private static long? VersionIn(byte[] body)
    {
        try
        {
            return JsonDocument.Parse(body).RootElement.GetProperty("version").GetInt64();
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
