using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace CacheGateway.Cli.Remote;

/// <summary><c>top</c>: what weighs most right now, looked at again and again until Ctrl-C.</summary>
internal static class TopCommand
{
    public static Command Create()
    {
        var limit = NumberOption.Whole("--limit", "Rows of each table (default 10).", "N", usual: 10);
        var interval = NumberOption.Number("--interval", "Seconds between looks (default 2).", "S", usual: 2, example: 2);
        var once = new Option<bool>("--once") { Description = "Look once; always so where the output is no terminal." };
        var command = new Command(
            "top",
            """
            Show the policies and keys that weigh most, live.

            Examples:
              top
              top --once --json
              top --interval 0.5 --limit 20
            """)
        {
            limit, interval, once,
        };
        return new AdminOption().On(command, async (api, parsed, json, cancellation) =>
        {
            var rows = parsed.GetValue(limit);
            var seconds = parsed.GetValue(interval);
            if (rows is < 1 or > 200 || seconds is not (>= 0.2 and <= 3600))
            {
                return await CliText.BadUsageAsync("top: --limit is from 1 to 200, --interval from 0.2 to 3600");
            }

            var top = await api.GetAsync($"top?limit={rows}", cancellation);
            if (json)
            {
                await CliText.WriteJsonAsync(top);
                return RootCommands.Ok;
            }

            if (parsed.GetValue(once) || !CliScreen.IsTerminal)
            {
                foreach (var (title, table) in Tables(top))
                {
                    CliScreen.Line(title);
                    CliScreen.Show(table);
                }

                return RootCommands.Ok;
            }

            return await LiveAsync(api, top, rows, TimeSpan.FromSeconds(seconds), cancellation);
        });
    }

    /// <summary>Ctrl-C is the way to leave it, so it is no failure.</summary>
    private static async Task<int> LiveAsync(AdminApi api, JsonElement top, int rows, TimeSpan interval, CancellationToken cancellation)
    {
        await AnsiConsole.Live(Screen(api, top)).AutoClear(false).StartAsync(async live =>
        {
            try
            {
                while (true)
                {
                    live.UpdateTarget(Screen(api, top));
                    // As often as whoever looks asked for.
                    await Task.Delay(interval, cancellation);
                    top = await api.GetAsync($"top?limit={rows}", cancellation);
                }
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                live.UpdateTarget(Screen(api, top));
            }
        });
        return RootCommands.Ok;
    }

    private static Rows Screen(AdminApi api, JsonElement top) => new(
    [
        new Text($"{api.Address.Authority}  {TimeProvider.System.GetLocalNow():HH:mm:ss}  (Ctrl-C ends)"),
        .. Tables(top).SelectMany(part => new IRenderable[] { new Text(part.Title), part.Table.Framed(AnsiConsole.Profile.Width) }),
    ]);

    private static IEnumerable<(string Title, CliTable Table)> Tables(JsonElement top)
    {
        var policies = new CliTable("policy", "requests>", "misses>", new CliColumn("bytes>") { Spare = 1 }, "hit ratio>");
        foreach (var policy in top.Items("policies"))
        {
            policies.Add(policy.Shown("policy"), policy.Shown("requests"), policy.Shown("misses"), policy.Bytes("bytes"), policy.Percent("hitRatio"));
        }

        yield return ("By policy, since the start", policies);
        yield return ("Keys by requests", Keys(top, "byRequests", "requests>", key => key.Shown("weight")));
        // What went past the cache too, which is none of a policy's misses.
        yield return ("Keys by requests not answered from the cache", Keys(top, "byMisses", "requests>", key => key.Shown("weight")));
        yield return ("Keys by bytes", Keys(top, "byBytes", "bytes>", key => key.Bytes("weight")));
    }

    private static CliTable Keys(JsonElement top, string name, string column, Func<JsonElement, string> weight)
    {
        var table = new CliTable(column, "policy", new CliColumn("url") { IsProse = true });
        foreach (var key in top.Items(name))
        {
            table.Add(weight(key), key.Shown("policy"), key.Shown("url"));
        }

        return table;
    }
}
