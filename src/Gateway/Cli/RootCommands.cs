using System.CommandLine;
using CacheGateway.Cli.Demo;
using CacheGateway.Cli.Remote;

namespace CacheGateway.Cli;

/// <summary>The command line: one command for each job, each with --help, exit codes 0 (ok), 1 (failed), 2 (bad usage).</summary>
internal static class RootCommands
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int BadUsage = 2;

    public static RootCommand Create() => new("CacheGateway: a shared HTTP cache (RFC 9111) in front of an API that nobody has to change.")
    {
        RunCommand.Create(),
        DemoCommand.Create(),
        PolicyCommand.Create(),
        PurgeCommand.Create(),
        WarmCommand.Create(),
        TopCommand.Create(),
        ExplainCommand.Create(),
        ReportCommand.Create(),
        BenchCommand.Create(),
    };

    /// <summary>Runs what was parsed; a mistake on the command line is one line and exit code 2.</summary>
    public static async Task<int> InvokeCliAsync(this ParseResult parsed)
    {
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync($"cachegateway: {error.Message}");
            }

            await Console.Error.WriteLineAsync("Try --help.");
            return BadUsage;
        }

        // How long a command may take to end after a signal is its own business; the library would cut it off after two seconds. It holds back every
        // further signal until then, so that "run", where a second one must be heard, takes them all by itself.
        TimeSpan? patience = parsed.CommandResult.Command.Name == RunCommand.Name ? null : TimeSpan.FromDays(1);
        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = patience });
    }
}
