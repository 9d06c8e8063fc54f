using System.CommandLine;
using System.Globalization;
using CacheGateway.Pipeline;
using CacheGateway.Policies;

namespace CacheGateway.Cli.PolicyFiles;

/// <summary><c>policy explain</c>: which policy takes a request, what it is keyed by, and what would be stored; no gateway is asked.</summary>
internal static class PolicyExplainCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The policy file." };
        var url = new Argument<string>("URL") { Description = "A path with query, or a whole URL." };
        var method = new Option<string>("--method") { Description = "Method (default GET).", HelpName = "NAME", DefaultValueFactory = _ => "GET" };
        var headers = new Option<string[]>("--header", "-H") { Description = "A request field, \"Name: value\"; may be given several times.", HelpName = "FIELD" };
        var status = NumberOption.WholeOrNone("--status", "Status of the origin's answer; with it or a response field, says what would be stored.", "CODE", example: 200);
        var fields = new Option<string[]>("--response-header") { Description = "A field of the origin's answer, \"Name: value\".", HelpName = "FIELD" };
        var body = new Option<string?>("--response-body") { Description = "A file with the body of the origin's answer, where tags are read from it.", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "As JSON." };
        var command = new Command(
            "explain",
            """
            Say which policy takes a request and what would be stored, offline.

            Examples:
              policy explain config/policies.json "/shop/api/products?page=2"
              policy explain config/policies.json /api/leads/mine -H "Authorization: Bearer x" --status 200 --response-header "Cache-Control: max-age=60"
            """)
        {
            file, url, method, headers, status, fields, body, json,
        };
        command.SetAction(async parsed =>
        {
            var path = parsed.GetValue(file)!;
            if (PolicyFileText.TryRead(path, out var problem) is not { } bytes)
            {
                return await CliText.BadUsageAsync(problem!);
            }

            var (table, errors) = PolicyReader.Read(bytes, path);
            if (table is null)
            {
                return await CliText.FailedAsync($"{errors[0]}{(errors.Count > 1 ? $" (and {errors.Count - 1} more: policy check {path})" : "")}");
            }

            var wrong = HeaderOption.TryParse(parsed.GetValue(headers), out var request) ?? HeaderOption.TryParse(parsed.GetValue(fields), out _) ?? NumberOption.StatusError(parsed.GetValue(status));
            if (wrong is not null)
            {
                return await CliText.BadUsageAsync(wrong);
            }

            if (TrialRequest.TryParse(parsed.GetValue(method), parsed.GetValue(url)!, request, out var error) is not { } trial)
            {
                return await CliText.BadUsageAsync(error!);
            }

            var text = parsed.GetValue(body) is { } bodyFile ? PolicyFileText.TryRead(bodyFile, out problem) : [];
            if (text is null)
            {
                return await CliText.BadUsageAsync(problem!);
            }

            HeaderOption.TryParse(parsed.GetValue(fields), out var response);
            var isAnswered = parsed.GetValue(status) is not null || response.Count > 0 || parsed.GetValue(body) is not null;
            var outcome = new PolicyTrial(table, TimeProvider.System).Run(
                trial, isAnswered ? new TrialResponse(parsed.GetValue(status) ?? 200, response, System.Text.Encoding.UTF8.GetString(text)) : null);
            await (parsed.GetValue(json) ? CliText.WriteJsonAsync(outcome) : Console.Out.WriteAsync(Text(outcome)));
            return RootCommands.Ok;
        });
        return command;
    }

    private static string Text(TrialOutcome outcome)
    {
        var lines = new List<(string Name, string Value)>
        {
            ("decision", outcome.Decision + (outcome.Reason is null ? "" : $" ({outcome.Reason})")),
            outcome.Concerns.Count > 0 ? ("concerns", string.Join(", ", outcome.Concerns)) : ("policy", outcome.Policy is null ? "none" : outcome.Path is null ? outcome.Policy : $"{outcome.Policy} by {outcome.Path}"),
        };
        if (outcome.Near is not null)
        {
            lines.Add(("did you mean", $"{outcome.Near}; case counts, and so does a slash at the end"));
        }

        if (outcome.Unmet is not null)
        {
            lines.Add(("none because", outcome.Unmet));
        }

        if (outcome.Target is not null)
        {
            lines.Add(("forwarded", outcome.Target));
        }

        lines.AddRange(outcome.Key.Select(part => ($"key {part.Key}", part.Value)));
        if (outcome.Ttl is { } ttl)
        {
            lines.Add(("ttl", $"{Seconds(ttl)} ({outcome.TtlFrom})"));
            lines.Add(("then stale", $"{Seconds(outcome.StaleWhileRevalidate)} while refreshing, {Seconds(outcome.StaleIfError)} on errors"));
            lines.Add(("varies by", outcome.Vary.Count == 0 ? "nothing" : string.Join(", ", outcome.Vary)));
        }

        lines.AddRange(outcome.Tags.Select(tag => ("tag", tag)));
        lines.AddRange(outcome.Clears.Select(tag => ("clears", tag)));
        lines.AddRange(outcome.ClearedUrls.Select(url => ("clears URL", url)));
        var width = lines.Max(line => line.Name.Length) + 2;
        return string.Concat(lines.Select(line => $"{line.Name.PadRight(width)}{line.Value}\n"));
    }

    private static string Seconds(double? seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds ?? 0} s");
}
