using System.CommandLine;
using CacheGateway.Pipeline;
using CacheGateway.Policies;

namespace CacheGateway.Cli.PolicyFiles;

/// <summary><c>policy test</c>: cases of a request and a response against what must be decided, for continuous integration.</summary>
internal static class PolicyTestCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("CASES") { Description = "The cases in JSON; the format is in config/policy-cases.schema.json." };
        var policies = new Option<string?>("--policies") { Description = "The policy file, instead of the one that the cases name.", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "The results as JSON." };
        var command = new Command(
            "test",
            """
            Run cases against a policy file: exit code 0 if all hold, 1 if one does not, 2 if they cannot be run.

            Examples:
              policy test config/policy-cases.json
              policy test cases.json --policies new-policies.json --json
            """)
        {
            file, policies, json,
        };
        command.SetAction(parsed => RunAsync(parsed.GetValue(file)!, parsed.GetValue(policies), parsed.GetValue(json)));
        return command;
    }

    private static async Task<int> RunAsync(string file, string? policies, bool json)
    {
        if (PolicyFileText.TryRead(file, out var problem) is not { } bytes)
        {
            return await CliText.BadUsageAsync(problem!);
        }

        var (cases, mistakes) = CaseReader.Read(bytes, file);
        if (cases is null)
        {
            foreach (var mistake in mistakes)
            {
                await CliText.BadUsageAsync(mistake.ToString());
            }

            return RootCommands.BadUsage;
        }

        policies ??= cases.Policies is { } named ? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, named) : null;
        if (policies is null)
        {
            return await CliText.BadUsageAsync($"{file}: names no policy file; give it a \"policies\" member, or --policies FILE");
        }

        if (PolicyFileText.TryRead(policies, out problem) is not { } policyBytes)
        {
            return await CliText.BadUsageAsync(problem!);
        }

        var (table, errors) = PolicyReader.Read(policyBytes, policies);
        return table is null ? await CliText.BadUsageAsync(errors[0].ToString())
            : TryRun(cases, table, out problem) is { } results ? await ReportAsync(results, json)
            : await CliText.BadUsageAsync($"{file}: {problem}");
    }

    private static List<Result>? TryRun(CaseFile cases, CachePolicyTable table, out string? problem)
    {
        var trial = new PolicyTrial(table, TimeProvider.System);
        var outcomes = new OrderedDictionary<string, TrialOutcome>(StringComparer.Ordinal);
        foreach (var one in cases.Cases)
        {
            if (TrialRequest.TryParse(one.Request.Method, one.Request.Url, one.Request.Headers, out problem) is not { } request)
            {
                problem = $"case \"{one.Name}\": {problem}";
                return null;
            }

            var response = one.Response is { } given ? new TrialResponse(given.Status, given.Headers ?? new Dictionary<string, string>(), given.Body ?? "") : null;
            if (!outcomes.TryAdd(one.Name, trial.Run(request, response)))
            {
                problem = $"case \"{one.Name}\" stands twice; give each a name of its own";
                return null;
            }
        }

        problem = null;
        return [.. cases.Cases.Select(one => new Result(one.Name, CaseCheck.Differences(one.Expect, outcomes[one.Name], outcomes, table.Names), outcomes[one.Name]))];
    }

    private static async Task<int> ReportAsync(List<Result> results, bool json)
    {
        var failed = results.Count(result => !result.Holds);
        if (json)
        {
            await CliText.WriteJsonAsync(new Report(results.Count - failed, failed, results));
            return failed == 0 ? RootCommands.Ok : RootCommands.Failed;
        }

        foreach (var result in results)
        {
            await Console.Out.WriteLineAsync($"{(result.Holds ? "ok    " : "FAILED")} {result.Name}");
            foreach (var difference in result.Differences)
            {
                await Console.Out.WriteLineAsync($"         {difference}");
            }
        }

        await Console.Out.WriteLineAsync($"{results.Count - failed} passed, {failed} failed");
        return failed == 0 ? RootCommands.Ok : RootCommands.Failed;
    }

    private sealed record Result(string Name, IReadOnlyList<string> Differences, TrialOutcome Outcome)
    {
        public bool Holds => Differences.Count == 0;
    }

    private sealed record Report(int Passed, int Failed, IReadOnlyList<Result> Cases);
}
