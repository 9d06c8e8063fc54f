namespace CacheGateway.FunctionalTests.Promises;

/// <summary>Promise 5: what is stored or shared was complete, and a client is told when what it got was not.</summary>
public sealed class TruncationTests
{
    private const string Length = "length";
    private const string Chunked = "chunked";
    private const string Fin = "FIN";
    private const string Rst = "RST";

    [Theory]
    [Attack("D17", "An origin's answer with an ambiguous end")]
    [Covers("RFC 9111 3.3", "an incomplete response is not stored as a complete one")]
    [InlineData(Length, Fin)]
    [InlineData(Length, Rst)]
    [InlineData(Chunked, Fin)]
    [InlineData(Chunked, Rst)]
    public async Task CutBody_IsNeverStored_AndEndsAbnormally(string framing, string ending)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Cut(framing, ending), Reply.Ok("whole", Numbered.Fresh));

        var cut = await env.GetAsync("/x");
        var whole = await env.GetAsync("/x");

        // A reset may overtake the bytes before it: then nothing of the response came, and the client may be told so in full.
        Assert.True(!cut.Complete || (ending == Rst && cut.Status == 502), $"the client must see that its response is not whole:\n{cut}");
        Assert.Equal(("whole", true), (whole.Text, whole.Complete));
        Assert.Equal(2, env.Origin.Requests("/x"));
    }

    [Theory]
    [InlineData(Length)]
    [InlineData(Chunked)]
    public async Task CutBody_WithSeveralReaders_EndsAbnormallyForEach(string framing)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Cut(framing, Fin), Reply.Ok("whole", Numbered.Fresh));
        env.Origin.Hold("/x");
        var first = env.GetAsync("/x");
        await env.Origin.Reached("/x");
        var others = Enumerable.Range(0, 3).Select(_ => env.GetAsync("/x")).ToArray();
        await env.UntilMetric("cachegateway_fill_waiting", count => count == 3);

        env.Origin.Release("/x");

        Assert.All(
            await Task.WhenAll([first, .. others]),
            answer => Assert.True(!answer.Complete || answer.Text == "whole", $"half a response that looks whole:\n{answer}"));
        Assert.Equal("whole", (await env.GetAsync("/x")).Text);
    }

    [Fact]
    public async Task CutRefresh_LeavesTheStoredResponse()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        const string Headers = "Cache-Control: max-age=60, stale-while-revalidate=600";
        env.Origin.Get(
            "/x",
            Reply.Ok("stored", Headers),
            Reply.Ok("half", Headers) with { DeclaredLength = 100, Ending = ReplyEnding.Close },
            Reply.Ok("third", Headers));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);

        Assert.Equal("stored", (await env.GetAsync("/x")).Text);
        await env.Origin.Reached("/x", 2);

        Assert.Contains((await env.GetAsync("/x")).Text, (string[])["stored", "third"]);
    }

    private static Reply Cut(string framing, string ending) => Reply.Ok("half", Numbered.Fresh) with
    {
        Framing = framing == Chunked ? ReplyFraming.Chunked : ReplyFraming.Length,
        DeclaredLength = 100,
        LastChunk = false,
        Ending = ending == Rst ? ReplyEnding.Reset : ReplyEnding.Close,
    };
}
