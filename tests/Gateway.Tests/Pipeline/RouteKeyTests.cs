using CacheGateway.Pipeline;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Transforms;

namespace Gateway.Tests.Pipeline;

/// <summary>What makes another route of one with the same name, and what does not.</summary>
public sealed class RouteKeyTests
{
    private static readonly RouteConfig Route = new() { RouteId = "r", ClusterId = "c", Match = new RouteMatch { Path = "/{**path}" } };

    [Fact]
    public void RouteOfOriginAlone_StandsByItsName() =>
        Assert.Equal("origin", RouteKey.Of((Route with { RouteId = "origin", ClusterId = "origin" }).WithTransformUseOriginalHostHeader()));

    [Fact]
    public void NameWithAHash_IsNeverAnothersState()
    {
        var other = RouteKey.Of(Route);

        Assert.NotEqual(other, RouteKey.Of((Route with { RouteId = other, ClusterId = other }).WithTransformUseOriginalHostHeader()));
    }

    [Fact]
    public void State_OfTheSame_IsOneText()
    {
        var one = Route with { Match = Route.Match with { Headers = [new RouteHeader { Name = "X-A", Values = ["1"] }] }, Transforms = [new Dictionary<string, string> { ["RequestHeader"] = "X", ["Set"] = "1" }] };
        var same = one with
        {
            Order = 7,
            AuthorizationPolicy = "default",
            Match = one.Match with { Methods = ["GET"], Hosts = ["a.test"], Headers = [new RouteHeader { Name = "x-a", Values = ["1"] }], QueryParameters = [] },
            Transforms = [new Dictionary<string, string> { ["Set"] = "1", ["RequestHeader"] = "X" }],
        };

        Assert.Equal(RouteKey.Of(one), RouteKey.Of(same));
        Assert.StartsWith("r#", RouteKey.Of(one), StringComparison.Ordinal);
        Assert.Equal(RouteKey.Of(Route), RouteKey.Of(Route with { Match = Route.Match with { Path = "/a/{**path}" } }));
    }

    [Fact]
    public void State_OfAnother_IsAnotherText()
    {
        var transformed = Route.WithTransformPathPrefix("/v1");
        RouteConfig[] states =
        [
            Route,
            Route with { RouteId = "other" },
            Route with { ClusterId = "other" },
            Route with { Match = new RouteMatch { Path = "/{**path}", Headers = [new RouteHeader { Name = "X-A", Values = ["1"] }] } },
            Route with { Match = new RouteMatch { Path = "/{**path}", Headers = [new RouteHeader { Name = "X-A", Values = ["2"] }] } },
            Route with { Match = new RouteMatch { Path = "/{**path}", Headers = [new RouteHeader { Name = "X-A", Values = ["2"], Mode = HeaderMatchMode.NotContains }] } },
            Route with { Match = new RouteMatch { Path = "/{**path}", QueryParameters = [new RouteQueryParameter { Name = "X-A", Values = ["1"] }] } },
            transformed,
            transformed with { Match = new RouteMatch { Path = "/a/{**path}" } },
            Route.WithTransformPathPrefix("/v2"),
            Route.WithTransformPathPrefix("/v1").WithTransformPathRemovePrefix("/a"),
            Route.WithTransformPathRemovePrefix("/a").WithTransformPathPrefix("/v1"),
        ];

        Assert.Equal(states.Length, states.Select(RouteKey.Of).Distinct().Count());
    }
}
