using CacheGateway.Hosting;
using Gateway.Tests.Policies;

namespace CacheGateway.Tests.Hosting;

public sealed class KeptHostsTests
{
    private readonly ManualTime _time = new();

    /// <summary>Whoever invents hosts may take all places: a host that is asked for all the time has its own, and others get one when those are idle.</summary>
    [Fact]
    public void SoManyAtOnce_ThoseInUseStay()
    {
        var kept = new KeptHosts(_time);
        Assert.All(Enumerable.Range(0, KeptHosts.Most), i => Assert.True(kept.Keeps($"h{i}")));
        Assert.False(kept.Keeps("late"));
        Assert.False(kept.Keeps("H0"), "another spelling is another host");

        _time.Advance(KeptHosts.Idle / 2);
        Assert.True(kept.Keeps("h0"));
        _time.Advance(KeptHosts.Idle / 2);

        Assert.All(Enumerable.Range(0, KeptHosts.Most - 1), i => Assert.True(kept.Keeps($"new{i}")));
        Assert.False(kept.Keeps("h1"));
        Assert.True(kept.Keeps("h0"));
    }
}
