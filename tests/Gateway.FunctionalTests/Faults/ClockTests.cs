using CacheGateway.FunctionalTests.Promises;

namespace CacheGateway.FunctionalTests.Faults;

/// <summary>Clocks that step, and clocks that differ.</summary>
public sealed class ClockTests
{
    [Theory]
    [Fault("F-43", "The wall clock steps by an hour or by years, either way: nothing expires, nothing lives longer, Age goes on as before")]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(24 * 3650)]
    [InlineData(-24 * 3650)]
    public async Task WallClockSteps_NothingExpiresOrLivesLonger(int hours)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/x", Numbered.Fresh);
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(20);

        env.Time.StepWallClock(TimeSpan.FromHours(hours));
        var after = await env.GetAsync("/x");
        CacheAssert.Hit(after);
        Assert.Equal(20, after.Age);
        env.Time.AdvanceSeconds(39);
        Assert.Equal(59, (await env.GetAsync("/x")).Age);
        env.Time.AdvanceSeconds(2);
        Assert.Equal("2", (await env.GetAsync("/x")).Text);
    }

    [Fact]
    [Fault("F-43", "The wall clock steps back while an origin is left alone: it is tried again when its pause is over, as ever")]
    public async Task WallClockStepsBack_TheOriginIsLeftAloneNoLonger()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings => settings with { OriginPause = TimeSpan.FromSeconds(5) } });
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: no-store"));
        await env.Origin.GoAway();
        for (var i = 0; i < 25; i++)
        {
            await env.GetAsync("/x");
        }

        env.Origin.Return();
        env.Time.StepWallClock(TimeSpan.FromHours(-1));
        Assert.Equal(503, (await env.GetAsync("/x")).Status);

        env.Time.AdvanceSeconds(5.1);

        Assert.Equal("x", (await env.GetAsync("/x")).Text);
    }

    [Theory]
    [Fault("F-44", "An origin whose clock is an hour off: lifetimes are differences on its own clock, Age is never negative")]
    [InlineData(3600)]
    [InlineData(-3600)]
    public async Task OriginsClockIsOff_LifetimeIsADifference(int seconds)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var theirs = env.Time.GetUtcNow().AddSeconds(seconds);
        env.Origin.Get("/x", Reply.Ok("x", $"Date: {theirs:R}", $"Expires: {theirs.AddSeconds(60):R}"));
        var first = await env.GetAsync("/x");
        Assert.True(first.Age is null or >= 0, "Age is never negative");
        env.Time.AdvanceSeconds(30);

        var second = await env.GetAsync("/x");
        if (seconds > 0)
        {
            CacheAssert.Hit(second);
            env.Time.AdvanceSeconds(31);
            CacheAssert.Miss(await env.GetAsync("/x"));
        }
        else
        {
            // RFC 9111 4.2.3: a Date in the past cannot be told from an answer that has been under way for an hour.
            CacheAssert.Miss(second);
        }
    }
}
