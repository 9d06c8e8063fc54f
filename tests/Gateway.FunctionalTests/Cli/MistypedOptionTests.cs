namespace CacheGateway.FunctionalTests.Cli;

/// <summary>What a command does not know is one line that names it and what would be right, and exit code 2.</summary>
public sealed class MistypedOptionTests
{
    [Theory]
    [InlineData("run", "--orign", "http://x", "--orign is no option of run; did you mean --origin?")]
    [InlineData("run", "--origin", "http://x", "--url=http://y", "--url is no option of run; did you mean --urls?")]
    [InlineData("purge", "--all", "--sfot", "--bogus", "--sfot is no option of purge; did you mean --soft?")]
    [InlineData("purge", "--nonsense", "1", "--nonsense is no option of purge; see purge --help")]
    [InlineData("purge", "product:7", "product:7 is no argument of purge; see purge --help")]
    [InlineData("warm", "/x", "--conurrency", "4", "--conurrency is no option of warm; did you mean --concurrency?")]
    [InlineData("policy", "chck", "x.json", "chck is no command of policy; did you mean check?")]
    [InlineData("policy", "check", "x.json", "--jsn", "--jsn is no option of policy check; did you mean --json?")]
    [InlineData("rnu", "rnu is no command of cachegateway; did you mean run?")]
    [InlineData("--hlep", "--hlep is no option of cachegateway; did you mean --help?")]
    [InlineData("purge", "--all", "--wait", "everyone", "--wait: \"everyone\" is nobody to wait for; it is none, local or all; see purge --help")]
    [InlineData("run", "--version", "--version is no option of run: it goes before the command, as in cachegateway --version")]
    [InlineData("policy", "check", "x.json", "--version", "--version is no option of policy check: it goes before the command, as in cachegateway --version")]
    [InlineData("warm", "warm: names nothing; give URLs, --file, --policy or --popular")]
    [InlineData("warm", "/x", "--concurrency", "0", "warm: --concurrency is from 1 to 64")]
    [InlineData("run", "--origin", "Required argument missing for option: '--origin'; see run --help")]
    [InlineData("policy", "Required command was not provided; see policy --help")]
    public async Task WhatIsNotKnown_IsNamedWithWhatWouldBeRight(params string[] argumentsAndError)
    {
        var run = await CliProcess.RunAsync(argumentsAndError[..^1]);

        Assert.Equal((2, "", $"cachegateway: {argumentsAndError[^1]}\n"), (run.Exit, run.Output, run.Error));
    }
}
