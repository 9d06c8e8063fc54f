using CacheGateway.Pipeline.Resilience;

namespace CacheGateway.Tests.Pipeline.Resilience;

public sealed class RetryBudgetTests
{
    [Fact]
    public void Retries_AreTheirShareOfTheRequests_AndOne()
    {
        var budget = new RetryBudget(10);
        var taken = 0;
        for (var i = 0; i < 1000; i++)
        {
            budget.Request();
            taken += budget.TryTake() ? 1 : 0;
        }

        Assert.Equal(101, taken);
    }

    [Fact]
    public void Savings_AreLimited()
    {
        var budget = new RetryBudget(10);
        for (var i = 0; i < 100_000; i++)
        {
            budget.Request();
        }

        Assert.Equal(10, Enumerable.Range(0, 1000).Count(_ => budget.TryTake()));
    }
}
