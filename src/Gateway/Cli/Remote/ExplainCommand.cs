using System.CommandLine;
using System.Text.Json;

namespace CacheGateway.Cli.Remote;

/// <summary><c>explain</c>: why a running gateway answers a request as it does, and what would change that.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var url = new Argument<string>("URL") { Description = "A path with query, or a whole URL as clients write it." };
        var method = new Option<string?>("--method") { Description = "Method (default GET).", HelpName = "NAME" };
        var headers = new Option<string[]>("--header", "-H") { Description = "A request field, \"Name: value\"; may be given several times.", HelpName = "FIELD" };
        var status = NumberOption.WholeOrNone("--status", "Judge an answer of the origin with this status, instead of the last one that is known.", "CODE", example: 200);
        var fields = new Option<string[]>("--response-header") { Description = "A field of that answer.", HelpName = "FIELD" };
        var command = new Command(
            "explain",
            """
            Say why a request is answered as it is, step by step, and which change of the policies would make it cacheable.

            Examples:
              explain "/api/products?page=2"
              explain http://api.example.org/api/me -H "Authorization: Bearer x"
              explain /api/products --status 200 --response-header "Set-Cookie: a=b"
            """)
        {
            url, method, headers, status, fields,
        };
        return new AdminOption().On(command, async (api, parsed, json, cancellation) =>
        {
            var response = new Dictionary<string, string>() as IReadOnlyDictionary<string, string>;
            var wrong = HeaderOption.TryParse(parsed.GetValue(headers), out var request) ?? HeaderOption.TryParse(parsed.GetValue(fields), out response) ?? NumberOption.StatusError(parsed.GetValue(status));
            if (wrong is not null)
            {
                return await CliText.BadUsageAsync(wrong);
            }

            var isAnswered = parsed.GetValue(status) is not null || response.Count > 0;
            var answer = await api.PostAsync("explain", new
            {
                Url = parsed.GetValue(url),
                Method = parsed.GetValue(method),
                Headers = request,
                Response = isAnswered ? new { Status = parsed.GetValue(status) ?? 200, Headers = response } : null,
            }, cancellation);
            if (json)
            {
                await CliText.WriteJsonAsync(answer);
            }
            else
            {
                Show(answer);
            }

            return RootCommands.Ok;
        });
    }

    private static void Show(JsonElement answer)
    {
        CliScreen.Line($"{answer.Shown("method")} {answer.Shown("url")}");
        CliScreen.Line($"{answer.Shown("outcome")}, {answer.Shown("reason")}: {answer.Shown("meaning")} ({answer.Shown("source")})");
        var steps = new CliTable("step", "result", new CliColumn("detail") { IsProse = true });
        foreach (var step in answer.Items("steps"))
        {
            steps.Add(step.Shown("name"), step.Shown("result"), step.Shown("detail"));
        }

        CliScreen.Show(steps);
        ShowKey(answer);
        ShowStored(answer);
        if (answer.Get("response") is { } judged)
        {
            CliScreen.Line(
                $"origin's answer ({judged.Shown("from")}): {judged.Shown("status", "0")}, {(judged.Get("stores") is { ValueKind: JsonValueKind.True } ? $"stored for {judged.Shown("lifetimeSeconds", "#,0.#")} s" : $"not stored, {judged.Shown("reason")}")}");
        }

        if (answer.Get("change") is { } change)
        {
            CliScreen.Line($"would help, in policy \"{change.Shown("policy")}\"{(change.Number("line") is { } line ? $" (line {line:0})" : "")}: {change.Shown("json")}");
            CliScreen.Line($"  {change.Shown("why")}");
            CliScreen.Line($"  {change.Shown("caution")}");
        }

        if (answer.Text("mustNot") is { } mustNot)
        {
            CliScreen.Line($"must not be cached: {mustNot}");
        }
    }

    private static void ShowKey(JsonElement answer)
    {
        if (answer.Get("key") is not { } key)
        {
            return;
        }

        var table = new CliTable("key", new CliColumn("value") { IsProse = true });
        foreach (var part in key.Members("parts"))
        {
            table.Add(part.Name, part.Value.GetString() ?? "");
        }

        CliScreen.Show(table);
        foreach (var spread in answer.Items("spread"))
        {
            CliScreen.Line($"{spread.Shown("part")} spreads the keys: {spread.Shown("values")} values in {spread.Shown("entries")} entries with {spread.Shown("hits")} hits");
        }
    }

    private static void ShowStored(JsonElement answer)
    {
        var table = new CliTable(
            "stored", "status>", "age s>", "ttl s>", new CliColumn("hits>") { Spare = 1 }, new CliColumn("varies by") { IsProse = true }, new CliColumn("tags") { IsProse = true });
        foreach (var stored in answer.Items("stored"))
        {
            if (stored.Get("entry") is { } entry)
            {
                table.Add(
                    (stored.Get("isSelected") is { ValueKind: JsonValueKind.True } ? "* " : "  ") + entry.Shown("state"), entry.Shown("status", "0"), entry.Shown("ageSeconds"), entry.Shown("ttlSeconds"),
                    entry.Shown("hits"), Listed(entry, "vary"), Listed(entry, "tags"));
            }
        }

        if (!table.IsEmpty)
        {
            CliScreen.Show(table);
        }
    }

    private static string Listed(JsonElement element, string name) => string.Join(", ", element.Items(name).Select(item => item.GetString()));
}
