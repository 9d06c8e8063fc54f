using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace BackendApi.Events;

/// <summary>
/// Sends each event as a signed webhook (Standard Webhooks, v1). A receiver that cannot take it now is asked again, twice, with the same id.
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
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        var outcome = "";
        for (var attempt = 0; attempt < Attempts && !limit.IsCancellationRequested; attempt++)
        {
            try
            {
                using var request = Signed(payload);
                using var answer = await client.SendAsync(request, limit.Token);
                if ((int)answer.StatusCode is < 500 and not 429)
                {
                    // A refusal would be the same again.
                    outcome = answer.IsSuccessStatusCode ? "" : $"{(int)answer.StatusCode}";
                    break;
                }

                outcome = $"{(int)answer.StatusCode}";
                if (attempt < Attempts - 1)
                {
                    // The receiver asked for it.
                    await Task.Delay(answer.Headers.RetryAfter?.Delta is { } pause && pause < LongestPause ? pause : LongestPause, time, limit.Token);
                }
            }
            catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
            {
                outcome = error.GetType().Name;
            }
        }

        if (outcome.Length > 0)
        {
            logger.NotPublished(name, outcome);
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
