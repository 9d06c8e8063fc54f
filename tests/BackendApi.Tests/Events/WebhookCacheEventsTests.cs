using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using BackendApi.Events;
using Microsoft.Extensions.Logging.Abstractions;

namespace BackendApi.Tests.Events;

public sealed class WebhookCacheEventsTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    [Fact]
    public async Task Publish_SendsTheEvent_Signed()
    {
        using var receiver = new Receiver(HttpStatusCode.OK);
        await receiver.Events().PublishAsync("product.saved", new { Id = 7 });

        var (id, timestamp, signature, body) = Assert.Single(receiver.Received);
        var expected = Convert.ToBase64String(HMACSHA256.HashData(WebhookKey.TryParse(Secret)!, Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}")));
        Assert.Equal($"v1,{expected}", signature);
        using var json = JsonDocument.Parse(body);
        Assert.Equal(("product.saved", id, 7), (
            json.RootElement.GetProperty("event").GetString(), json.RootElement.GetProperty("id").GetString(),
            json.RootElement.GetProperty("data").GetProperty("id").GetInt32()));
    }

    [Fact]
    public async Task Publish_ReceiverUnavailable_AsksAgainWithTheSameId()
    {
        using var receiver = new Receiver(HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK);
        await receiver.Events().PublishAsync("product.saved", new { Id = 7 });
        Assert.Equal(2, receiver.Received.Count);
        Assert.Equal(receiver.Received[0].Id, receiver.Received[1].Id);
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, 1)]
    [InlineData(HttpStatusCode.ServiceUnavailable, 3)]
    public async Task Publish_Refused_NeverThrows(HttpStatusCode status, int attempts)
    {
        using var receiver = new Receiver(status);
        await receiver.Events().PublishAsync("product.saved", new { Id = 7 });
        Assert.Equal(attempts, receiver.Received.Count);
    }

    /// <summary>Answers with one status after the other; the last one repeats.</summary>
    private sealed class Receiver(params HttpStatusCode[] statuses) : HttpMessageHandler
    {
        public List<(string Id, string Timestamp, string Signature, string Body)> Received { get; } = [];

        public WebhookCacheEvents Events() => new(
            new HttpClient(this), new Uri("http://receiver/cache/webhook"), WebhookKey.TryParse(Secret)!, TimeProvider.System, NullLogger<WebhookCacheEvents>.Instance);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            string Header(string name) => request.Headers.GetValues(name).Single();
            Received.Add((Header("webhook-id"), Header("webhook-timestamp"), Header("webhook-signature"), await request.Content!.ReadAsStringAsync(cancellationToken)));
            return new HttpResponseMessage(statuses[Math.Min(Received.Count, statuses.Length) - 1]);
        }
    }
}
