using CacheGateway.Pipeline;
using CacheGateway.Pipeline.Resilience;
using Gateway.Tests.Policies;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace CacheGateway.Tests.Pipeline.Resilience;

public sealed class AttemptOutcomeTests
{
    /// <summary>An origin that takes no more of a request behind its answer (413) is as sound as any: the check that the configuration names would take it out of use.</summary>
    [Theory]
    [InlineData(true, ForwarderError.RequestBodyDestination, 0)]
    [InlineData(false, ForwarderError.RequestBodyDestination, 1)]
    [InlineData(true, ForwarderError.ResponseBodyDestination, 1)]
    public void AnswerBeforeAllOfTheContent_IsNoFailureToTheChecksOfTheConfiguration(bool isAnswered, ForwarderError error, int told)
    {
        var check = new CountedCheck();
        using var client = new HttpMessageInvoker(new HttpClientHandler());
        var passive = new HealthCheckConfig { Passive = new PassiveHealthCheckConfig { Enabled = true, Policy = check.Name } };
        var context = new DefaultHttpContext();
        context.Features.Set<IForwarderErrorFeature>(new Failure(error));
        context.Features.Set<IReverseProxyFeature>(new ReverseProxyFeature
        {
            Route = new RouteModel(new RouteConfig(), new ClusterState("c"), HttpTransformer.Default),
            Cluster = new ClusterModel(new ClusterConfig { HealthCheck = passive }, client),
            ProxiedDestination = new DestinationState("a"),
        });

        new AttemptOutcome([check]).Tell(context, new ForwardFeature { Guard = new DestinationGuard(new OriginLimits(), new ManualTime()), Answered = isAnswered });

        Assert.Equal(told, check.Told);
    }

    private sealed class CountedCheck : IPassiveHealthCheckPolicy
    {
        public string Name => "counted";

        public int Told { get; private set; }

        public void RequestProxied(HttpContext context, ClusterState cluster, DestinationState destination) => Told++;
    }

    private sealed record Failure(ForwarderError Error, Exception? Exception = null) : IForwarderErrorFeature;
}
