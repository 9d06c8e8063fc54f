using System.CommandLine;
using CacheGateway.Policies.Lint;

namespace CacheGateway.Cli.PolicyFiles;

/// <summary><c>policy check</c>: everything that is wrong with a policy file, or may be.</summary>
internal static class PolicyCheckCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The policy file." };
        var strict = new Option<bool>("--strict") { Description = "Warnings fail too (exit code 1)." };
        var quiet = new Option<bool>("--no-notes") { Description = "Leave the notes out." };
        var events = new Option<string[]>("--event") { Description = "An event that the backend sends and that needs a rule; may be given several times.", HelpName = "NAME" };
        var json = new Option<bool>("--json") { Description = "The findings as JSON." };
        var command = new Command(
            "check",
            """
            Check a policy file: every error, and what is allowed but seldom meant.

            Examples:
              policy check config/policies.json
              policy check config/policies.json --strict --event product.saved --event product.removed
            """)
        {
            file, strict, quiet, events, json,
        };
        command.SetAction(parsed => RunAsync(
            parsed.GetValue(file)!, parsed.GetValue(events) ?? [], parsed.GetValue(strict), !parsed.GetValue(quiet), parsed.GetValue(json)));
        return command;
    }

    private static async Task<int> RunAsync(string file, string[] events, bool strict, bool notes, bool json)
    {
        if (PolicyFileText.TryRead(file, out var problem) is not { } bytes)
        {
            return await CliText.BadUsageAsync(problem!);
        }

        var findings = PolicyCheck.Run(bytes, file, events).Where(finding => notes || finding.Severity != LintSeverity.Note).ToList();
        var report = new Report(file, Count(LintSeverity.Error), Count(LintSeverity.Warning), Count(LintSeverity.Note), findings);
        if (json)
        {
            await CliText.WriteJsonAsync(report);
        }
        else
        {
            foreach (var finding in findings)
            {
                await Console.Out.WriteLineAsync(finding.ToString());
            }

            await Console.Out.WriteLineAsync($"{file}: {Plural(report.Errors, "error")}, {Plural(report.Warnings, "warning")}, {Plural(report.Notes, "note")}");
        }

        return report.Errors > 0 || (strict && report.Warnings > 0) ? RootCommands.Failed : RootCommands.Ok;

        int Count(LintSeverity severity) => findings.Count(finding => finding.Severity == severity);
    }

    private static string Plural(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";

    private sealed record Report(string File, int Errors, int Warnings, int Notes, IReadOnlyList<PolicyFinding> Findings);
}
