using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace CacheGateway.Cli.Remote;

/// <summary><c>bench</c>: one URL of a policy through the cache and straight at the origin; what the cache is worth for it.</summary>
internal static class BenchCommand
{
    private const int MostRequests = 100;

    public static Command Create()
    {
        var policy = new Argument<string>("POLICY") { Description = "Whose URL; \"transparent\" without a policy file." };
        var url = new Option<string?>("--url") { Description = "A path with query (default: the busiest of the policy).", HelpName = "PATH" };
        var requests = NumberOption.Whole("--requests", $"On each side, 1 to {MostRequests} (default 20).", "N", usual: 20);
        var command = new Command(
            "bench",
            """
            Compare one route with and without the cache, one request after the other: at most 100 on each side, at most 30 s.

            Examples:
              bench products
              bench products --url "/api/products?page=2" --requests 50
            """)
        {
            policy, url, requests,
        };
        return new AdminOption().On(command, async (api, parsed, json, cancellation) =>
        {
            if (parsed.GetValue(requests) is < 1 or > MostRequests)
            {
                return await CliText.BadUsageAsync($"bench: --requests is from 1 to {MostRequests}");
            }

            var answer = await api.PostAsync(
                $"benchmark/{Uri.EscapeDataString(parsed.GetValue(policy)!)}", new { Url = parsed.GetValue(url), Requests = parsed.GetValue(requests) }, cancellation);
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
        CliScreen.Line($"{answer.Shown("policy")}: {answer.Shown("url")}, {answer.Shown("requests")} requests on each side, {answer.Shown("hits")} hits");
        var table = new CliTable("", "p50 ms>", "slowest ms>");
        table.Add("without the cache", answer.Shown("originP50Ms", "0.0"), answer.Shown("originMaxMs", "0.0"));
        table.Add("with it", answer.Shown("cachedP50Ms", "0.0"), answer.Shown("cachedMaxMs", "0.0"));
        CliScreen.Show(table);
        if (answer.Number("improvementPercent") is { } faster)
        {
            CliScreen.Line(string.Create(CultureInfo.InvariantCulture, $"{Math.Abs(faster):0.0} % {(faster < 0 ? "slower" : "faster")}"));
        }

        if (answer.Count("hits") == 0)
        {
            CliScreen.Line($"nothing hit: {answer.Shown("cacheStatus")}; \"explain\" says more");
        }
    }
}
