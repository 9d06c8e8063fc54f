using System.Text;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Model;
using CacheGateway.Pipeline;
using CacheGateway.Storage;
using Microsoft.AspNetCore.Http;

namespace CacheGateway.Tests.Pipeline;

public sealed class ResponseSenderTests
{
    [Fact]
    public async Task Failure_SaysNothingOfTheAnswerThatItReplaces()
    {
        using var traffic = new TrafficRecorder(TimeProvider.System);
        using var body = new MemoryStream();
        var context = new DefaultHttpContext();
        var response = context.Response;
        response.Body = body;
        response.ContentLength = 0;
        response.Headers.ETag = "\"of the origin\"";
        response.Headers.CacheControl = "max-age=60";
        response.Headers.Connection = "close";

        await new ResponseSender(traffic, new MemoryTier(1_000_000), new GatewayLimits(), new StatusKey(isShown: false), TimeProvider.System).SendFailureAsync(context, null, 502, Reason.OriginTruncated);

        Assert.Equal((502, (long?)null, "no-store", "close"), (response.StatusCode, response.ContentLength, response.Headers.CacheControl.ToString(), response.Headers.Connection.ToString()));
        Assert.False(response.Headers.ContainsKey("ETag"));
        Assert.Contains("origin-truncated", Encoding.UTF8.GetString(body.ToArray()), StringComparison.Ordinal);
    }
}
