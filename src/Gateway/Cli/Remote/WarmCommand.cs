using System.CommandLine;
using System.Text.Json;
using CacheGateway.Warming;
using Spectre.Console;

namespace CacheGateway.Cli.Remote;

/// <summary>
/// <c>warm</c>: fetches before clients ask, and shows how far it is. The work is a job of the gateway; Ctrl-C cancels it there, and a command that
/// is killed leaves a job that ends by itself.
/// </summary>
internal static class WarmCommand
{
    /// <summary>Between two looks at a job of another process.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LinePace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CancelWithin = TimeSpan.FromSeconds(1.5);

    public static Command Create()
    {
        var urls = new Argument<string[]>("URL") { Description = "Paths with query, or URLs of hosts that are served.", Arity = ArgumentArity.ZeroOrMore };
        var file = new Option<string?>("--file") { Description = "A file with one URL a line; - for standard input. Lines that begin with # are left out.", HelpName = "FILE" };
        var policies = new Option<string[]>("--policy") { Description = "What a policy lists, and all that memory holds of it, variants included.", HelpName = "NAME" };
        var popular = new Option<bool>("--popular") { Description = "What is asked for most, and where the gateway runs with --warming, what was before its last start." };
        var headers = new Option<string[]>("--header", "-H") { Description = "A field to send with each URL, instead of the variants that its policy lists.", HelpName = "FIELD" };
        var concurrency = NumberOption.Whole("--concurrency", $"Fetches side by side, 1 to {WarmOrder.MostConcurrency} (default 4).", "N", usual: 4);
        var rate = NumberOption.Number("--rate", "Most a second (default: no limit).", "N", usual: 0, example: 50);
        var noWait = new Option<bool>("--no-wait") { Description = "Start it, print its id, and leave." };
        var jobs = new Option<bool>("--jobs") { Description = "List warm-ups instead." };
        var cancel = new Option<string?>("--cancel") { Description = "Cancel one instead.", HelpName = "ID" };
        var command = new Command(
            "warm",
            """
            Fetch answers before clients ask for them. Exit code 1 if one could not be fetched.

            Examples:
              warm /api/products "/api/products?page=2"
              warm --file urls.txt --concurrency 16 --rate 200
              warm --policy products --popular
              warm --jobs
            """)
        {
            urls, file, policies, popular, headers, concurrency, rate, noWait, jobs, cancel,
        };
        return new AdminOption().On(command, async (api, parsed, json, cancellation) =>
        {
            if (parsed.GetValue(jobs))
            {
                return await ListAsync(api, json, cancellation);
            }

            if (parsed.GetValue(cancel) is { } id)
            {
                return await ShowAsync(await api.PostAsync($"warm-cache/{Uri.EscapeDataString(id)}/cancel", new { }, cancellation), json, failIfStopped: false);
            }

            if (HeaderOption.TryParse(parsed.GetValue(headers), out var fields) is { } wrong)
            {
                return await CliText.BadUsageAsync(wrong);
            }

            if (parsed.GetValue(rate) is var most && !(double.IsFinite(most) && most >= 0))
            {
                return await CliText.BadUsageAsync("--rate: must be a number of fetches a second, such as 50");
            }

            if (parsed.GetValue(concurrency) is < 1 or > WarmOrder.MostConcurrency)
            {
                return await CliText.BadUsageAsync($"warm: --concurrency is from 1 to {WarmOrder.MostConcurrency}");
            }

            if (parsed.GetValue(urls) is null or [] && parsed.GetValue(file) is null && parsed.GetValue(policies) is null or [] && !parsed.GetValue(popular))
            {
                return await CliText.BadUsageAsync("warm: names nothing; give URLs, --file, --policy or --popular");
            }

            var listed = parsed.GetValue(file) is { } path ? await ReadAsync(path, cancellation) : [];
            var order = new
            {
                Urls = (parsed.GetValue(urls) ?? []).Concat(listed).ToArray(),
                Policies = parsed.GetValue(policies) ?? [],
                Popular = parsed.GetValue(popular),
                Headers = fields,
                Concurrency = parsed.GetValue(concurrency),
                RatePerSecond = parsed.GetValue(rate),
            };
            var job = await api.PostAsync("warm-cache", order, cancellation);
            return parsed.GetValue(noWait) ? await ShowAsync(job, json, failIfStopped: false) : await FollowAsync(api, job, json, cancellation);
        });
    }

    private static async Task<string[]> ReadAsync(string path, CancellationToken cancellation)
    {
        try
        {
            var text = path == "-" ? await Console.In.ReadToEndAsync(cancellation) : await File.ReadAllTextAsync(path, cancellation);
            return [.. text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new AdminException($"--file: {exception.Message}", isBadUsage: true);
        }
    }

    private static async Task<int> FollowAsync(AdminApi api, JsonElement job, bool json, CancellationToken cancellation)
    {
        var id = job.Text("id")!;
        try
        {
            job = json ? await UntilEndAsync(api, job, _ => { }, cancellation)
                : CliScreen.IsTerminal ? await WithBarAsync(api, job, cancellation)
                : await WithLinesAsync(api, job, cancellation);
            return await ShowAsync(job, json, failIfStopped: true);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            using var soon = new CancellationTokenSource(CancelWithin);
            var end = await api.PostAsync($"warm-cache/{id}/cancel", new { }, soon.Token);
            return await CliText.FailedAsync($"cancelled after {end.Shown("done")} of {end.Shown("total")}; what was stored stays");
        }
    }

    private static Task<JsonElement> WithBarAsync(AdminApi api, JsonElement job, CancellationToken cancellation) => AnsiConsole.Progress()
        .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
        .StartAsync(async context =>
        {
            var bar = context.AddTask(Status(job), maxValue: Math.Max(1, job.Count("total")));
            return await UntilEndAsync(api, job, now =>
            {
                bar.Value = now.Count("total") == 0 ? 1 : now.Count("done");
                bar.Description = Status(now);
            }, cancellation);
        });

    private static async Task<JsonElement> WithLinesAsync(AdminApi api, JsonElement job, CancellationToken cancellation)
    {
        var said = TimeProvider.System.GetTimestamp();
        return await UntilEndAsync(api, job, now =>
        {
            if (TimeProvider.System.GetElapsedTime(said) >= LinePace && IsRunning(now))
            {
                said = TimeProvider.System.GetTimestamp();
                CliScreen.Line(Status(now));
            }
        }, cancellation);
    }

    private static async Task<JsonElement> UntilEndAsync(AdminApi api, JsonElement job, Action<JsonElement> show, CancellationToken cancellation)
    {
        while (IsRunning(job))
        {
            show(job);
            await Task.Delay(Look, cancellation);
            job = await api.GetAsync($"warm-cache/{job.Text("id")}", cancellation);
        }

        show(job);
        return job;
    }

    private static bool IsRunning(JsonElement job) => job.Text("state") == "running";

    private static string Status(JsonElement job)
    {
        var eta = job.Number("etaSeconds") is { } seconds ? $", {TimeSpan.FromSeconds(Math.Ceiling(seconds)):h\\:mm\\:ss} to go" : "";
        return $"{job.Shown("done")} of {job.Shown("total")}, {job.Shown("failed")} failed, {job.Shown("perSecond")}/s{eta}";
    }

    private static async Task<int> ShowAsync(JsonElement job, bool json, bool failIfStopped)
    {
        var isBad = job.Count("failed") > 0 || (failIfStopped && job.Text("state") != "done");
        if (json)
        {
            await CliText.WriteJsonAsync(job);
            return isBad ? RootCommands.Failed : RootCommands.Ok;
        }

        CliScreen.Line(
            $"warm-up {job.Text("id")} {job.Text("state")}: {job.Shown("stored")} stored, {job.Shown("fresh")} were fresh, {job.Shown("notStored")} not storable, {job.Shown("failed")} failed"
            + $" of {job.Shown("total")} in {job.Shown("seconds", "0.0")} s");
        var problems = new CliTable("outcome", "status>", "reason", new CliColumn("url") { IsProse = true });
        foreach (var problem in job.Items("problems"))
        {
            problems.Add(problem.Shown("outcome"), problem.Shown("status"), problem.Shown("reason"), problem.Shown("url"));
        }

        if (!problems.IsEmpty)
        {
            CliScreen.Show(problems);
        }

        return isBad ? RootCommands.Failed : RootCommands.Ok;
    }

    private static async Task<int> ListAsync(AdminApi api, bool json, CancellationToken cancellation)
    {
        var all = await api.GetAsync("warm-cache", cancellation);
        if (json)
        {
            await CliText.WriteJsonAsync(all);
            return RootCommands.Ok;
        }

        var table = new CliTable("id", new CliColumn("cause") { Spare = 2 }, "state", "done>", "total>", "failed>", new CliColumn("seconds>") { Spare = 1 });
        foreach (var job in all.EnumerateArray())
        {
            table.Add(job.Shown("id"), job.Shown("cause"), job.Shown("state"), job.Shown("done"), job.Shown("total"), job.Shown("failed"), job.Shown("seconds", "0.0"));
        }

        CliScreen.Show(table);
        return RootCommands.Ok;
    }
}
