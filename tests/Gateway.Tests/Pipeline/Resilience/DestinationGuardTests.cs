using System.Net.Sockets;
using CacheGateway.Pipeline;
using CacheGateway.Pipeline.Resilience;
using Gateway.Tests.Policies;
using Microsoft.AspNetCore.Http;
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

    /// <summary>A request from before the breaker opened that ends late is not the one that tries the destination again.</summary>
    [Fact]
    public async Task EndedAfterItOpened_DoesNotCloseIt()
    {
        var time = new ManualTime();
        var guard = new DestinationGuard(new OriginLimits { BreakerRequests = 2 }, time);
        guard.Tell(new NoAnswer());
        guard.Tell(new NoAnswer());
        Assert.True(guard.IsOpen);
        Assert.False(await guard.ForwardAsync(new DefaultHttpContext(), new ForwardFeature(), FailAsync));

        time.Advance(TimeSpan.FromSeconds(6));
        guard.Tell(null);
        Assert.True(guard.IsOpen);

        Assert.True(await guard.ForwardAsync(new DefaultHttpContext(), new ForwardFeature(), _ => Task.CompletedTask));
        Assert.False(guard.IsOpen);
    }

    private static Task FailAsync(HttpContext context)
    {
        context.Features.Set<IForwarderErrorFeature>(new NoAnswer());
        return Task.CompletedTask;
    }

    private sealed class NoAnswer : IForwarderErrorFeature
    {
        public ForwarderError Error => ForwarderError.RequestTimedOut;

        public Exception? Exception => null;
    }
}
