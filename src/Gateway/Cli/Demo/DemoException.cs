namespace CacheGateway.Cli.Demo;

/// <summary>The demo cannot go on; the message is one line for the person who started it.</summary>
internal sealed class DemoException(string message, int exitCode = RootCommands.Failed) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
