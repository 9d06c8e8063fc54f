namespace CacheGateway.FunctionalTests.Faults;

/// <summary>What the log of a gateway says of an origin that cannot be reached.</summary>
public sealed class OriginLogTests
{
    [Theory]
    [Fault("F-30", "The log of an origin that cannot be reached: a line that names it and why, once a second at most, and no stack")]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Unreachable_IsToldInOneLine(string method)
    {
        await using var origin = ScriptedOrigin.Start(TimeProvider.System);
        await origin.GoAway();
        await using var gateway = await GatewayProcess.StartAsync(origin.Address);
        for (var i = 0; i < 5; i++)
        {
            await using var client = await gateway.ConnectAsync();
            await client.SendAsync(method, $"/x{i}", ["Host: gw.test"], method == "POST" ? "x" : null);
            Assert.Equal(502, (await client.ReadAsync(method)).Status);
        }

        bool Told(string line) => line.Contains("could not answer", StringComparison.Ordinal);
        await Deadline.Until(() => Task.FromResult(gateway.Lines.Any(Told)), "the line");
        Assert.Contains($"The origin {origin.Address.ToString().TrimEnd('/')}", gateway.Lines.First(Told), StringComparison.Ordinal);
        Assert.Contains("origin-unreachable", gateway.Lines.First(Told), StringComparison.Ordinal);
        Assert.Contains("ConnectionRefused", gateway.Lines.First(Told), StringComparison.Ordinal);
        Assert.DoesNotContain(gateway.Lines, line => line.TrimStart().StartsWith("at ", StringComparison.Ordinal) || line.Contains("Exception", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Loop_IsToldInOneLine()
    {
        await using var origin = ScriptedOrigin.Start(TimeProvider.System);
        origin.Get("/x", Reply.Ok("x", "Cache-Control: no-store"));
        await using var gateway = await GatewayProcess.StartAsync(origin.Address);
        await using var client = await gateway.ConnectAsync();
        Assert.Equal(200, (await client.GetAsync("/x")).Status);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(508, (await client.GetAsync("/x", $"CDN-Loop: {origin.Last("/x").Header("CDN-Loop")}")).Status);
        }

        await Deadline.Until(() => Task.FromResult(gateway.Lines.Any(line => line.Contains("came back to this gateway", StringComparison.Ordinal))), "the line");
    }
}
