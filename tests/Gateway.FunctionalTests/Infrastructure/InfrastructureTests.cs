namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>The tools of the other tests: where these lie, every other result does.</summary>
public sealed class InfrastructureTests
{
    [Fact]
    public void CacheStatus_SeveralMembers_AreReadInOrder()
    {
        var members = CacheStatus.Parse("\"edge; a\";hit, CacheGateway; fwd=uri-miss; fwd-status=200; stored; detail=miss");

        Assert.Equal("edge; a", members[0].Cache);
        Assert.True(members[0].IsHit);
        Assert.Equal(("uri-miss", 200, true, "miss"), (members[1].Forward, members[1].ForwardStatus, members[1].IsStored, members[1].Detail));
    }

    [Theory]
    [InlineData("CacheGateway hit")]
    [InlineData("CacheGateway; detail=\"open")]
    [InlineData("CacheGateway; Hit")]
    public void CacheStatus_Malformed_Throws(string field) => Assert.Throws<FormatException>(() => CacheStatus.Parse(field));

    [Fact]
    public async Task ManualTime_Advance_FiresWhatIsDueAndNothingElse()
    {
        var time = new ManualTime();
        var soon = Task.Delay(TimeSpan.FromSeconds(5), time);
        var late = Task.Delay(TimeSpan.FromSeconds(50), time);

        time.AdvanceSeconds(10);

        await Deadline.Within(soon, "a timer that is due");
        Assert.False(late.IsCompleted);
    }

    [Fact]
    public void ManualTime_StepWallClock_LeavesMonotonicClock()
    {
        var time = new ManualTime();
        var start = time.GetTimestamp();

        time.StepWallClock(TimeSpan.FromHours(-1));

        Assert.Equal(TimeSpan.Zero, time.GetElapsedTime(start));
    }

    [Fact]
    public async Task ScriptedOrigin_HeldPath_AnswersAfterRelease()
    {
        await using var origin = ScriptedOrigin.Start(new ManualTime());
        origin.Get("/held", Reply.Ok("x"));
        origin.Hold("/held");
        await using var client = await RawClient.ConnectAsync(origin.Address);

        var response = client.GetAsync("/held");
        await origin.Reached("/held");
        Assert.False(response.IsCompleted);
        origin.Release("/held");

        Assert.Equal("x", (await response).Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ScriptedOrigin_Truncation_IsSeenAsSuch(bool chunked)
    {
        await using var origin = ScriptedOrigin.Start(new ManualTime());
        origin.Get("/cut", Reply.Ok("half") with
        {
            Framing = chunked ? ReplyFraming.Chunked : ReplyFraming.Length,
            DeclaredLength = 100,
            LastChunk = false,
            Ending = ReplyEnding.Close,
        });
        await using var client = await RawClient.ConnectAsync(origin.Address);

        var response = await client.GetAsync("/cut");

        Assert.Equal(("half", false), (response.Text, response.Complete));
    }
}
