using System.CommandLine;
using System.Text.Json;
using CacheGateway.Invalidation;

namespace CacheGateway.Cli.Remote;

/// <summary><c>purge</c>: clears what is stored, and says which nodes have done so.</summary>
internal static class PurgeCommand
{
    /// <summary>Names of one kind that are shown.</summary>
    private const int MostNames = 20;

    private static readonly string[] Kinds = ["tags", "urls", "prefixes", "policies"];
    private static readonly string[] Waits = ["none", "local", "all"];

    public static Command Create()
    {
        var tags = Names("--tag", "A tag.", "TAG");
        var urls = Names("--url", "A path with query, or a whole URL.", "URL");
        var prefixes = Names("--prefix", "The beginning of paths.", "PATH");
        var policies = Names("--policy", "All that a policy stored.", "NAME");
        var all = new Option<bool>("--all") { Description = "Everything." };
        var soft = new Option<bool>("--soft") { Description = "Validate at the next request instead of fetching anew." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only count what would be cleared on this node." };
        var wait = new Option<string>("--wait") { Description = "Whose word to wait for: none, local or all (default).", HelpName = "WHO", DefaultValueFactory = _ => "all" };
        var timeout = NumberOption.Whole("--timeout", "Milliseconds to wait (default 2000).", "MS", usual: 2000);
        var confirm = new Option<bool>("--confirm") { Description = "Yes, even if it clears most of the cache (see run --confirm-above)." };
        var reason = new Option<string>("--reason") { Description = "Why, for the audit.", HelpName = "TEXT", DefaultValueFactory = _ => "" };
        wait.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } who && !Waits.Contains(who))
            {
                result.AddError($"--wait: \"{who}\" is nobody to wait for; it is none, local or all");
            }
        });
        var command = new Command(
            "purge",
            """
            Clear what is stored, on every node. Exit code 1 if a node did not confirm in time, or Redis did not take it.

            Examples:
              purge --tag product:7 --tag products
              purge --url "/api/products?page=2" --soft
              purge --prefix /api/ --dry-run
              purge --all --confirm --reason "wrong prices"
            """)
        {
            tags, urls, prefixes, policies, all, soft, dryRun, wait, timeout, confirm, reason,
        };
        return new AdminOption().On(command, async (api, parsed, json, cancellation) =>
        {
            var order = new
            {
                Tags = parsed.GetValue(tags) ?? [],
                Urls = parsed.GetValue(urls) ?? [],
                Prefixes = parsed.GetValue(prefixes) ?? [],
                Policies = parsed.GetValue(policies) ?? [],
                All = parsed.GetValue(all),
                Soft = parsed.GetValue(soft),
                DryRun = parsed.GetValue(dryRun),
                Wait = parsed.GetValue(wait),
                TimeoutMs = parsed.GetValue(timeout),
                Confirm = parsed.GetValue(confirm),
                Reason = parsed.GetValue(reason),
            };
            if (!order.All && order.Tags.Length + order.Urls.Length + order.Prefixes.Length + order.Policies.Length == 0)
            {
                return await CliText.BadUsageAsync("purge: says nothing to clear; give --tag, --url, --prefix, --policy or --all");
            }

            var answer = await api.PostAsync("invalidate", order, cancellation);
            if (json)
            {
                await CliText.WriteJsonAsync(answer);
            }
            else
            {
                CliScreen.Line(order.DryRun ? Preview(answer) : Receipt(answer));
                if (answer.Get("scope") is { } scope)
                {
                    CliScreen.Line($"raised {Raised(scope)}");
                }

                foreach (var warning in answer.Items("warnings"))
                {
                    await Console.Error.WriteLineAsync($"cachegateway: warning: {warning.GetString()}");
                }
            }

            return order.DryRun || (IsDurable(answer) && (order.Wait == "none" || !answer.Items("missing").Any())) ? RootCommands.Ok : RootCommands.Failed;
        });
    }

    private static string Preview(JsonElement answer) => $"would clear {answer.Shown("count")} of {answer.Shown("entries")} entries on this node; nothing was cleared";

    private static string Receipt(JsonElement answer)
    {
        var applied = string.Join(", ", answer.Items("applied").Select(node => node.Text("node")));
        var missing = string.Join(", ", answer.Items("missing").Select(node => node.GetString() is var name && name == InvalidationReceipt.Unknown ? "others, if there are any" : name));
        return $"cleared at epoch {answer.Shown("epoch", "0")}; applied on {(applied.Length > 0 ? applied : "no node yet")}"
            + (missing.Length > 0 ? $"; NOT confirmed by {missing}" : "")
            + (IsDurable(answer) ? "" : "; NOT DURABLE: Redis did not take it, and other gateways may go on serving what was cleared; this one raises it for all when Redis is back, if it runs until then");
    }

    /// <summary>What was raised, cascade included, on one line.</summary>
    private static string Raised(JsonElement scope)
    {
        var kinds = Kinds.Select(kind => Names(kind == "tags" && scope.Text("match") == "all" ? "all of the tags" : kind, [.. scope.Items(kind).Select(name => name.ToString())]));
        var named = scope.Get("all") is { ValueKind: JsonValueKind.True } ? "everything" : string.Join("; ", kinds.OfType<string>());
        return scope.Get("soft") is { ValueKind: JsonValueKind.True } ? $"{named}; softly" : named;
    }

    private static string? Names(string kind, string[] names) => names.Length == 0 ? null
        : $"{kind} {string.Join(", ", names.Take(MostNames))}{(names.Length > MostNames ? $" and {names.Length - MostNames} more" : "")}";

    private static bool IsDurable(JsonElement answer) => answer.Get("durable") is not { ValueKind: JsonValueKind.False };

    private static Option<string[]> Names(string name, string description, string help) =>
        new(name) { Description = description + " May be given several times.", HelpName = help };
}
