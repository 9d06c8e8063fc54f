using System.CommandLine;
using System.CommandLine.Parsing;
using CacheGateway.Cli.Demo;
using CacheGateway.Cli.Remote;
using CacheGateway.Policies.Rules;

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
        if (parsed.Errors.Count > 0 || Stray(parsed) is not null)
        {
            return await CliText.BadUsageAsync(Mistake(parsed));
        }

        // How long a command may take to end after a signal is its own business; the library would cut it off after two seconds. It holds back every
        // further signal until then, so that "run", where a second one must be heard, takes them all by itself.
        TimeSpan? patience = parsed.CommandResult.Command.Name == RunCommand.Name ? null : TimeSpan.FromDays(1);
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = patience, EnableDefaultExceptionHandler = false });
        }
        catch (IOException exception)
        {
            // Its output, most often: a disk that is full. The library would show a stack.
            return await CliText.FailedAsync(exception.Message);
        }
        catch (OperationCanceledException)
        {
            return Failed;
        }
        catch (Exception exception)
        {
            // A fault of ours: all that helps to find it, and the exit code of what did not work.
            await Console.Error.WriteLineAsync(exception.ToString());
            return Failed;
        }
    }

    /// <summary>What is wrong, and what would be right.</summary>
    private static string Mistake(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var name = NameOf(parsed.CommandResult);
        if (Stray(parsed) is not { } word)
        {
            // The library breaks some of its messages into lines.
            var errors = parsed.Errors.Select(error => string.Join(' ', error.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.')).Distinct();
            return $"{string.Join("; ", errors)}; see {name} --help";
        }

        var isOption = word.StartsWith('-');
        var wrong = isOption ? word.Split('=', ':')[0] : word;
        string[] known = isOption ? [.. Options(parsed.CommandResult)] : [.. command.Subcommands.Select(one => one.Name)];
        if (isOption && known.Contains(wrong))
        {
            return $"{wrong} is no option of {name}: it goes before the command, as in cachegateway {wrong}";
        }

        var near = Suggestion.For(wrong, known).Replace("\"", "", StringComparison.Ordinal);
        var kind = isOption ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
        return $"{wrong} is no {kind} of {name}{(near.Length > 0 ? near : $"; see {name} --help")}";
    }

    /// <summary>
    /// The first word that belongs nowhere: those after it are its value, or follow from it. An unknown option passes for a URL or a file where a command takes many of them;
    /// behind "--" it is meant to.
    /// </summary>
    private static string? Stray(ParseResult parsed) => parsed.UnmatchedTokens is [{ } word, ..] ? word
        : parsed.Tokens.Any(token => token.Type == TokenType.DoubleDash) ? null
        : parsed.CommandResult.Tokens.Select(token => token.Value).FirstOrDefault(value => value.StartsWith("--", StringComparison.Ordinal));

    /// <summary>Every option that may stand here, those of the commands around it too.</summary>
    private static IEnumerable<string> Options(CommandResult result) =>
        [.. result.Command.Options.Where(option => !option.Hidden).Select(option => option.Name), .. result.Parent is CommandResult parent ? Options(parent) : []];

    private static string NameOf(CommandResult result) =>
        result.Parent is not CommandResult parent ? "cachegateway" : parent.Parent is null ? result.Command.Name : $"{NameOf(parent)} {result.Command.Name}";
}
