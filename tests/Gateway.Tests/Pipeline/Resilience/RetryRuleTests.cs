using System.Net.Sockets;
using CacheGateway.Pipeline.Resilience;
using Yarp.ReverseProxy.Forwarder;

namespace CacheGateway.Tests.Pipeline.Resilience;

public sealed class RetryRuleTests
{
    private static readonly HttpRequestException Reset = new("", new IOException("", new SocketException((int)SocketError.ConnectionReset)));

    [Theory]
    [InlineData("GET", false, true)]
    [InlineData("HEAD", false, true)]
    [InlineData("OPTIONS", false, true)]
    [InlineData("GET", true, false)]
    [InlineData("POST", false, false)]
    [InlineData("PUT", false, false)]
    [InlineData("DELETE", false, false)]
    public void Request_ThatChangesNothingAndHasNoBody_MayBeSentAgain(string method, bool hasBody, bool may) =>
        Assert.Equal(may, RetryRule.MayRetry(method, hasBody, ForwarderError.Request, Reset));

    [Theory]
    [InlineData(HttpRequestError.ConnectionError, true)]
    [InlineData(HttpRequestError.ResponseEnded, true)]
    [InlineData(HttpRequestError.InvalidResponse, false)]
    [InlineData(HttpRequestError.NameResolutionError, false)]
    [InlineData(HttpRequestError.SecureConnectionError, false)]
    [InlineData(HttpRequestError.ConfigurationLimitExceeded, false)]
    public void Cause_IsAConnectionThatFailed(HttpRequestError cause, bool may) =>
        Assert.Equal(may, RetryRule.MayRetry("GET", false, ForwarderError.Request, new HttpRequestException(cause)));

    [Theory]
    [InlineData(ForwarderError.RequestTimedOut)]
    [InlineData(ForwarderError.RequestCanceled)]
    [InlineData(ForwarderError.ResponseBodyDestination)]
    [InlineData(ForwarderError.NoAvailableDestinations)]
    public void OtherErrors_AreNotTriedAgain(ForwarderError error) => Assert.False(RetryRule.MayRetry("GET", false, error, Reset));

    /// <summary>A destination that resets each connection as it comes: whether the client library or the socket says so is a matter of microseconds.</summary>
    [Fact]
    public void ResetBeforeTheClientLibraryLooked_IsTriedAgain() =>
        Assert.True(RetryRule.MayRetry("GET", false, ForwarderError.Request, new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.NotConnected)));
}
