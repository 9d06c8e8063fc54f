using CacheGateway.Model;
using Gateway.Tests.Policies;

namespace CacheGateway.Tests.Model;

public sealed class FailureShareTests
{
    private readonly ManualTime _time = new();
    private readonly FailureShare _share;

    public FailureShareTests() => _share = new FailureShare(0.5, 4, TimeSpan.FromSeconds(10), _time);

    [Fact]
    public void TooFewCalls_SayNothing()
    {
        Assert.False(_share.Failed());
        Assert.False(_share.Failed());
        Assert.False(_share.Failed());
        Assert.True(_share.Failed());
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(5, false)]
    public void Share_IsWhatDecides(int succeeded, bool isTooMany)
    {
        for (var i = 0; i < succeeded; i++)
        {
            _share.Succeeded();
        }

        var verdict = false;
        for (var i = 0; i < 4; i++)
        {
            verdict = _share.Failed();
        }

        Assert.Equal(isTooMany, verdict);
    }

    [Fact]
    public void Window_Slides()
    {
        _share.Failed();
        _share.Failed();
        _share.Failed();
        _time.Advance(TimeSpan.FromSeconds(8));
        Assert.True(_share.Failed(), "all within the window");
        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.False(_share.Failed(), "two are left");
        _time.Advance(TimeSpan.FromHours(1));
        Assert.False(_share.Failed(), "one is left");
    }

    [Fact]
    public void Forgotten_CountsNoMore()
    {
        _share.Failed();
        _share.Failed();
        _share.Failed();

        _share.Forget();

        Assert.False(_share.Failed());
    }

    /// <summary>Its counters are written by many.</summary>
    [Fact]
    public void ManyAtOnce_AreCounted()
    {
        const int Calls = 10_000;
        Parallel.For(0, Calls, _ => _share.Succeeded());
        Parallel.For(0, Calls - 2, _ => _share.Failed());

        Assert.False(_share.Failed());
        Assert.True(_share.Failed());
    }
}
