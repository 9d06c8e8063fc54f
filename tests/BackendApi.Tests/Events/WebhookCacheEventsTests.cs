using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using BackendApi.Events;
using BackendApi.Tests.Setup;
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
        await receiver.PausesAsync();
        Assert.Equal(2, receiver.Received.Count);
        Assert.Equal(receiver.Received[0].Id, receiver.Received[1].Id);
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, 1)]
    [InlineData(HttpStatusCode.ServiceUnavailable, 3)]
    public async Task Publish_Refused_NeverThrows(HttpStatusCode status, int attempts)
    {
        using var receiver = new Receiver(status);
        var pauses = await receiver.PausesAsync();
        Assert.Equal(attempts, receiver.Received.Count);
        Assert.Equal(Enumerable.Repeat(TimeSpan.FromMilliseconds(500), attempts - 1), pauses);
    }

    /// <summary>Refused connections come back at once: three attempts without a pause are over before a receiver that starts is there.</summary>
    [Fact]
    public async Task Publish_ReceiverNotThereForAMoment_IsToldWhenItIs()
    {
        using var receiver = new Receiver(HttpStatusCode.OK) { NotThereFor = TimeSpan.FromMilliseconds(300) };
        var pauses = await receiver.PausesAsync();
        Assert.Single(receiver.Received);
        Assert.Equal([TimeSpan.FromMilliseconds(500)], pauses);
    }

    [Fact]
    public async Task Publish_ReceiverNotThere_IsAskedThreeTimes()
    {
        using var receiver = new Receiver(HttpStatusCode.OK) { NotThereFor = TimeSpan.FromHours(1) };
        var pauses = await receiver.PausesAsync();
        Assert.Empty(receiver.Received);
        Assert.Equal(2, pauses.Count);
    }

    /// <summary>Answers with one status after the other; the last one repeats.</summary>
    private sealed class Receiver(params HttpStatusCode[] statuses) : HttpMessageHandler
    {
        private readonly ManualTime _time = new();

        public List<(string Id, string Timestamp, string Signature, string Body)> Received { get; } = [];

        /// <summary>Refuses connections for so long.</summary>
        public TimeSpan NotThereFor { get; init; }

        public WebhookCacheEvents Events() => new(
            new HttpClient(this), new Uri("http://receiver/cache/webhook"), WebhookKey.TryParse(Secret)!, _time, NullLogger<WebhookCacheEvents>.Instance);

        /// <summary>Publishes an event, lets each pause pass, and says how long they were.</summary>
        public async Task<List<TimeSpan>> PausesAsync()
        {
            var pauses = new List<TimeSpan>();
            var published = Events().PublishAsync("product.saved", new { Id = 7 });
            for (var timer = _time.NextTimerAsync().AsTask(); await Task.WhenAny(published, timer) == timer; timer = _time.NextTimerAsync().AsTask())
            {
                // The two seconds that all attempts may take are no pause.
                if (await timer is var pause && pause < TimeSpan.FromSeconds(2))
                {
                    pauses.Add(pause);
                    _time.Advance(pause);
                }
            }

            await published;
            return pauses;
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (TimeSpan.FromTicks(_time.GetTimestamp()) < NotThereFor)
            {
                throw new HttpRequestException(HttpRequestError.ConnectionError);
            }

            string Header(string name) => request.Headers.GetValues(name).Single();
            Received.Add((Header("webhook-id"), Header("webhook-timestamp"), Header("webhook-signature"), await request.Content!.ReadAsStringAsync(cancellationToken)));
            return new HttpResponseMessage(statuses[Math.Min(Received.Count, statuses.Length) - 1]);
        }
    }
}
