using System.CommandLine;
using CacheGateway.Cli.PolicyFiles;

namespace CacheGateway.Cli;

/// <summary><c>policy</c>: work on policy files without a gateway.</summary>
internal static class PolicyCommand
{
    public static Command Create() => new("policy", "Check, explain and test policy files; no gateway is needed.")
    {
        PolicyCheckCommand.Create(),
        PolicyExplainCommand.Create(),
        PolicyTestCommand.Create(),
    };
}
