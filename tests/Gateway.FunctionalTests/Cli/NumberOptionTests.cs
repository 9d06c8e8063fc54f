using System.Text.RegularExpressions;

namespace CacheGateway.FunctionalTests.Cli;

/// <summary>Options that take a number, given something else.</summary>
public sealed class NumberOptionTests
{
    [Theory]
    [InlineData("explain", "/x", "--status", "abc", "--status: \"abc\" is not a whole number; write it like 200")]
    [InlineData("purge", "--all", "--timeout", "abc", "--timeout: \"abc\" is not a whole number; write it like 2000")]
    [InlineData("warm", "/x", "--concurrency", "many", "--concurrency: \"many\" is not a whole number; write it like 4")]
    [InlineData("warm", "/x", "--rate", "fast", "--rate: \"fast\" is not a number; write it like 50")]
    [InlineData("top", "--limit", "1.5", "--limit: \"1.5\" is not a whole number; write it like 10")]
    [InlineData("top", "--interval", "2s", "--interval: \"2s\" is not a number; write it like 2")]
    [InlineData("bench", "p", "--requests", "x", "--requests: \"x\" is not a whole number; write it like 20")]
    [InlineData("policy", "explain", "x.json", "/x", "--status", "OK", "--status: \"OK\" is not a whole number; write it like 200")]
    public async Task NumberThatIsNone_SaysWhatWouldBeRight(params string[] argumentsAndError)
    {
        var run = await CliProcess.RunAsync(argumentsAndError[..^1]);

        Assert.Equal((2, ""), (run.Exit, run.Output));
        Assert.Matches($"^cachegateway: {Regex.Escape(argumentsAndError[^1])}; see [a-z ]+ --help\n$", run.Error);
    }
}
