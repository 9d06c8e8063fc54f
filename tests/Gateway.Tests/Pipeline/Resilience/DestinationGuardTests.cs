using System.Net.Sockets;
using CacheGateway.Pipeline.Resilience;
using Yarp.ReverseProxy.Forwarder;

namespace CacheGateway.Tests.Pipeline.Resilience;

public sealed class DestinationGuardTests
{
    [Theory]
    [InlineData(HttpRequestError.ConnectionError, true)]
    [InlineData(HttpRequestError.ResponseEnded, true)]
    [InlineData(HttpRequestError.InvalidResponse, false)]
    public void NoAnswer_CountsAgainstTheDestination_ABrokenOneDoesNot(HttpRequestError cause, bool counts) =>
        Assert.Equal(counts, DestinationGuard.GaveNoAnswer(ForwarderError.Request, new HttpRequestException(cause)));

    [Theory]
    [InlineData(ForwarderError.RequestTimedOut, true)]
    [InlineData(ForwarderError.None, false)]
    [InlineData(ForwarderError.RequestCanceled, false)]
    [InlineData(ForwarderError.RequestBodyClient, false)]
    [InlineData(ForwarderError.ResponseBodyDestination, false)]
    [InlineData(ForwarderError.ResponseBodyClient, false)]
    public void Error_CountsWhereNothingCame(ForwarderError error, bool counts) =>
        Assert.Equal(counts, DestinationGuard.GaveNoAnswer(error, new IOException("", new SocketException((int)SocketError.ConnectionReset))));
}
