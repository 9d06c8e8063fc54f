using Spectre.Console;

namespace CacheGateway.Cli;

/// <summary>Where commands show things to people: a terminal with frames and moving parts, or a pipe with plain lines.</summary>
internal static class CliScreen
{
    /// <summary>Whether somebody watches.</summary>
    public static bool IsTerminal { get; } = !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;

    public static void Show(CliTable table)
    {
        if (IsTerminal)
        {
            AnsiConsole.Write(table.Framed(AnsiConsole.Profile.Width));
            return;
        }

        foreach (var line in table.Plain())
        {
            Console.Out.WriteLine(line);
        }
    }

    public static void Line(string text) => Console.Out.WriteLine(text);
}
