using System.CommandLine;
using CacheGateway.Cli;

namespace CacheGateway.Tests.Cli;

/// <summary>What a command ends with that met something nobody had thought of.</summary>
public sealed class FaultTests
{
    public static TheoryData<Exception> Faults => [new InvalidOperationException("a fault of ours"), new IOException("No space left on device"), new OperationCanceledException()];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Fault_IsExitCodeOne(Exception fault)
    {
        var command = new Command("work");
        command.SetAction((_, _) => Task.FromException<int>(fault));

        Assert.Equal(RootCommands.Failed, await new RootCommand { command }.Parse(["work"]).InvokeCliAsync());
    }
}
