using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace BackendApi.Events;

/// <summary>
/// Sends each event as a signed webhook (Standard Webhooks, v1). A receiver that cannot take it now is asked again, twice, with the same id, after a pause.
/// </summary>
internal sealed class WebhookCacheEvents(HttpClient client, Uri address, byte[] secret, TimeProvider time, ILogger<WebhookCacheEvents> logger) : ICacheEvents
{
    private const int Attempts = 3;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <summary>Before it is asked again, where the receiver names no time or a longer one: whoever saves waits.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    public async Task PublishAsync(string name, object data, CancellationToken cancellation = default)
    {
        var payload = EventPayload.Of(name, data);
        using var late = new CancellationTokenSource(Limit, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        var outcome = "";
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                (outcome, var pause) = await AttemptAsync(payload, limit.Token);
                if (pause is not { } wait || attempt == Attempts)
                {
                    break;
                }

                await Task.Delay(wait, time, limit.Token);
            }
        }
        catch (OperationCanceledException error)
        {
            outcome = error.GetType().Name;
        }

        if (outcome.Length > 0)
        {
            logger.NotPublished(name, outcome);
        }
    }

    /// <returns>Why the receiver did not take it, empty where it did; and how long to wait before it is asked again, null where it need not be.</returns>
    private async Task<(string Outcome, TimeSpan? Pause)> AttemptAsync(EventPayload payload, CancellationToken cancellation)
    {
        try
        {
            using var request = Signed(payload);
            using var answer = await client.SendAsync(request, cancellation);
            var status = (int)answer.StatusCode;
            return answer.IsSuccessStatusCode ? ("", null)
                // A refusal would be the same again.
                : status is < 500 and not 429 ? ($"{status}", null)
                // The receiver asked for it.
                : ($"{status}", answer.Headers.RetryAfter?.Delta is { } pause && pause < LongestPause ? pause : LongestPause);
        }
        catch (HttpRequestException error)
        {
            // It is starting, as a rule, and refuses within a millisecond.
            return (error.GetType().Name, LongestPause);
        }
    }

    /// <summary>Base64 of HMAC-SHA256 over id.timestamp.body.</summary>
    private HttpRequestMessage Signed(EventPayload payload)
    {
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = Convert.ToBase64String(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes($"{payload.Id}.{timestamp}.{payload.Json}")));
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(payload.Json));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return new HttpRequestMessage(HttpMethod.Post, address)
        {
            Content = content,
            Headers = { { "webhook-id", payload.Id }, { "webhook-timestamp", timestamp }, { "webhook-signature", $"v1,{signature}" } },
        };
    }
}
