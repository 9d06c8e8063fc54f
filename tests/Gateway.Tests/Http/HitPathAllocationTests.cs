using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Tests.Http;

/// <summary>The rules that run for every hit allocate nothing.</summary>
public sealed class HitPathAllocationTests
{
    private static readonly VariantSet Set = VariantSet.Of(
        Given.Stored(Given.Response("Cache-Control: max-age=60"), null, "body", new VaryValue("Accept-Encoding", "br,deflate,gzip"), new VaryValue("Foo", null)));

    private readonly record struct Browser : IHeaderSource
    {
        public string? Find(string name) => name == "Accept-Encoding" ? "gzip, deflate, br" : null;
    }

    [Fact]
    public void PlainHit_AllocatesNothing() => AssertNoAllocation(() =>
    {
        var request = new RequestFacts { Directives = RequestDirectives.Parse(null, null) };
        return Hit(request, Given.Safe) && Hit(request, Given.Rfc9111);
    });

    [Fact]
    public void HitWithDirectives_AllocatesNothing() => AssertNoAllocation(() =>
        Hit(new RequestFacts { Directives = RequestDirectives.Parse("max-age=30, max-stale=5", "no-cache") }, Given.Rfc9111));

    private static bool Hit(in RequestFacts request, CachePolicy policy)
    {
        var stored = VaryRules.Select(Set, new Browser(), policy, request.Range);
        var decision = ServeDecision.For(stored, true, request, policy, Given.Received.Monotonic + 5000);
        return decision.Action == ServeAction.Serve
            && Preconditions.Evaluate(request, stored!) == PreconditionOutcome.Proceed
            && Ranges.Evaluate(request.Range, request.IfRange, stored!, out _) == RangeOutcome.Whole;
    }

    private static void AssertNoAllocation(Func<bool> hit)
    {
        for (var i = 0; i < 100; i++)
        {
            Assert.True(hit());
        }

        var served = true;
        Assert.Equal(0, Allocated.Least(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                served &= hit();
            }
        }));
        Assert.True(served);
    }
}
