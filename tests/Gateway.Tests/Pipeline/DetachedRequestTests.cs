using CacheGateway.Pipeline;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Model;

namespace CacheGateway.Tests.Pipeline;

public sealed class DetachedRequestTests
{
    [Fact]
    public void Context_OnIt_ReadsTheRequestOfTheKeyAndWritesToTheCapture()
    {
        var client = new DefaultHttpContext();
        client.Request.Scheme = "https";
        client.Request.PathBase = "/base";
        client.Request.Path = "/a b";
        client.Connection.RemotePort = 4711;
        var request = new DetachedRequest(client, "/a%20b?x=1", new HeaderDictionary { ["Host"] = "gw.test" });
        using var cancellation = new CancellationTokenSource();
        using var capture = new ResponseCapture(new NoSink());
        var forward = new ForwardFeature();
        request.Begin(capture, forward, cancellation.Token);

        var context = new DefaultHttpContext(request);

        Assert.Equal("GET", context.Request.Method);
        Assert.Equal("https", context.Request.Scheme);
        Assert.Equal("/base", context.Request.PathBase.Value);
        Assert.Equal("/a b", context.Request.Path.Value);
        Assert.Equal("?x=1", context.Request.QueryString.Value);
        Assert.Equal("/a%20b?x=1", request.Get<IHttpRequestFeature>()!.RawTarget);
        Assert.Equal("gw.test", context.Request.Host.Value);
        Assert.Equal(4711, context.Connection.RemotePort);
        Assert.False(request.Get<IHttpRequestBodyDetectionFeature>()!.CanHaveBody);
        Assert.Same(forward, request.Get<ForwardFeature>());
        Assert.Same(capture, context.Response.Body);
        Assert.Equal(cancellation.Token, context.RequestAborted);
        Assert.Null(request.Get<IHttpUpgradeFeature>());
        Assert.Null(request.Get<IHttpResponseTrailersFeature>());
        context.Abort();
        Assert.True(request.WasAborted);
    }

    [Fact]
    public void Proxy_OfTheClient_IsCopied_AndThereIsNoneWhereItHasNone()
    {
        var client = new DefaultHttpContext();
        Assert.Null(new DetachedRequest(client, "/", new HeaderDictionary()).Get<IReverseProxyFeature>());

        var destination = new DestinationState("d");
        client.Features.Set<IReverseProxyFeature>(new ReverseProxyFeature { Route = null!, Cluster = null!, AllDestinations = [destination], AvailableDestinations = destination });
        var request = new DetachedRequest(client, "/", new HeaderDictionary());
        var proxy = request.Get<IReverseProxyFeature>()!;
        Assert.Same(destination, Assert.Single(proxy.AvailableDestinations));
        proxy.AvailableDestinations = [];
        Assert.Single(client.Features.Get<IReverseProxyFeature>()!.AvailableDestinations);
    }

    [Fact]
    public void WhatIsSet_HidesWhatWasThere_AndIsSeenByWhoKeptIt()
    {
        var request = new DetachedRequest(new DefaultHttpContext(), "/", new HeaderDictionary());
        var context = new DefaultHttpContext(request);
        Assert.Equal("/", request.Get<IHttpRequestFeature>()!.RawTarget);
        Assert.Empty(context.Request.Headers);
        var revision = request.Revision;

        request.Set<IHttpRequestFeature>(new HttpRequestFeature { RawTarget = "/other", Headers = new HeaderDictionary { ["A"] = "1" } });
        request[typeof(IEndpointFeature)] = null;
        using var capture = new ResponseCapture(new NoSink());
        request.Begin(capture, new ForwardFeature(), CancellationToken.None);
        var other = new ForwardFeature();
        request.Set(other);

        Assert.True(request.Revision > revision);
        Assert.Equal("/other", request.Get<IHttpRequestFeature>()!.RawTarget);
        Assert.Same(request.Get<IHttpRequestFeature>(), request[typeof(IHttpRequestFeature)]);
        Assert.Equal("1", context.Request.Headers["A"]);
        Assert.Null(request.Get<IEndpointFeature>());
        Assert.Same(other, request.Get<ForwardFeature>());
        Assert.Same(other, request[typeof(ForwardFeature)]);
        Assert.Same(request, request[typeof(IHttpConnectionFeature)]);
    }

    private sealed class NoSink : ICaptureSink
    {
        public void Started(int status, CacheGateway.Model.HeaderField[] headers) => throw new InvalidOperationException("Nothing is written here.");

        public void Flushed() => throw new InvalidOperationException("Nothing is written here.");

        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => throw new InvalidOperationException("Nothing is written here.");
    }
}
