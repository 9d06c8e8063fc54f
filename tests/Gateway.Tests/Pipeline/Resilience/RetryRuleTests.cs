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
    [InlineData(HttpRequestError.NameResolutionError, true)]
    [InlineData(HttpRequestError.SecureConnectionError, true)]
    [InlineData(HttpRequestError.ConfigurationLimitExceeded, false)]
    public void Cause_IsAConnectionThatFailed(HttpRequestError cause, bool may) =>
        Assert.Equal(may, RetryRule.MayRetry("GET", false, ForwarderError.Request, new HttpRequestException(cause)));

    [Theory]
    [InlineData(ForwarderError.RequestTimedOut)]
    [InlineData(ForwarderError.RequestCanceled)]
    [InlineData(ForwarderError.ResponseBodyDestination)]
    [InlineData(ForwarderError.NoAvailableDestinations)]
    public void OtherErrors_AreNotTriedAgain(ForwarderError error) => Assert.False(RetryRule.MayRetry("GET", false, error, Reset));

    [Theory]
    [InlineData(HttpRequestError.ConnectionError, true)]
    [InlineData(HttpRequestError.NameResolutionError, true)]
    [InlineData(HttpRequestError.SecureConnectionError, true)]
    [InlineData(HttpRequestError.ResponseEnded, false)]
    [InlineData(HttpRequestError.InvalidResponse, false)]
    [InlineData(HttpRequestError.Unknown, false)]
    public void Error_OfAConnectionThatWasNotMade(HttpRequestError cause, bool isNotConnected) =>
        Assert.Equal(isNotConnected, RetryRule.IsNotConnected(ForwarderError.Request, new HttpRequestException(cause, "", new SocketException((int)SocketError.ConnectionRefused))));

    [Fact]
    public void ConnectTimeout_IsToldFromTheOthersByItsCause()
    {
        Assert.True(RetryRule.IsNotConnected(ForwarderError.RequestTimedOut, new TaskCanceledException("", new TimeoutException())));
        Assert.False(RetryRule.IsNotConnected(ForwarderError.RequestTimedOut, new TaskCanceledException()));
        Assert.False(RetryRule.IsNotConnected(ForwarderError.RequestTimedOut, new TaskCanceledException("", new IOException("", new SocketException((int)SocketError.OperationAborted)))));
        Assert.False(RetryRule.IsNotConnected(ForwarderError.Request, Reset));
    }

    /// <summary>A destination that resets each connection as it comes: whether the client library or the socket says so is a matter of microseconds.</summary>
    [Fact]
    public void ResetBeforeTheClientLibraryLooked_IsTriedAgain() =>
        Assert.True(RetryRule.MayRetry("GET", false, ForwarderError.Request, new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.NotConnected)));
}
