using CacheGateway.Cli.Demo;

namespace CacheGateway.Tests.Cli.Demo;

public sealed class CacheOutcomeTests
{
    [Theory]
    [InlineData("CacheGateway; hit; ttl=30; detail=fresh", CacheOutcome.Hit)]
    [InlineData("CacheGateway; fwd=uri-miss; fwd-status=200; stored; collapsed; detail=collapsed", CacheOutcome.Collapsed)]
    [InlineData("CacheGateway; fwd=uri-miss; stored; detail=miss", CacheOutcome.Miss)]
    [InlineData("Other; hit", CacheOutcome.Miss)]
    [InlineData("Other; hit, CacheGateway; fwd=uri-miss", CacheOutcome.Miss)]
    [InlineData(null, CacheOutcome.Miss)]
    internal void Of_CacheStatus_CountsWhatThisGatewaySays(string? field, CacheOutcome expected)
    {
        using var response = new HttpResponseMessage();
        if (field is not null)
        {
            response.Headers.TryAddWithoutValidation("Cache-Status", field);
        }

        Assert.Equal(expected, CacheOutcomes.Of(response));
    }
}
