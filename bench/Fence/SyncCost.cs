using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CacheGateway.Invalidation.Redis;
using StackExchange.Redis;

namespace Fence;

/// <summary>
/// What the gateways of one deployment cost Redis by their number: its own time and answer for one sync, by its statistics; of an invalidation and at rest, computed from that (each gateway syncs twice after
/// one, and twice a second).
/// </summary>
internal static partial class SyncCost
{
    private const int Times = 1000;
    private const int LivesMicroseconds = 12_000_000;

    private static readonly RedisKey[] Keys = ["{sync}:state", "{sync}:marks", "{sync}:stream", "{sync}:nodes"];

    public static async Task<string> MeasureAsync(RedisProcess redis)
    {
        using var connection = await ConnectionMultiplexer.ConnectAsync($"{redis.Address},allowAdmin=true");
        var (database, server) = (connection.GetDatabase(), connection.GetServer(redis.Address));
        var text = new StringBuilder("| gateways | one sync, us | its answer, bytes | an invalidation, ms | its answers, KB | at rest, % of a core |\n|--:|--:|--:|--:|--:|--:|\n");
        foreach (var nodes in (int[])[3, 10, 30, 100, 300])
        {
            await database.KeyDeleteAsync(Keys);
            var begun = (RedisResult[])(await SyncAsync(database, 0, "0", "0", ""))!;
            var (incarnation, newest) = ((string)begun[1]!, (string)begun[3]!);
            for (var node = 0; node < nodes; node++)
            {
                await SyncAsync(database, node, incarnation, newest, incarnation);
            }

            await server.ConfigResetStatisticsAsync();
            for (var i = 0; i < Times; i++)
            {
                await SyncAsync(database, i % nodes, incarnation, newest, incarnation);
            }

            var microseconds = Number(EvalTime(), await server.InfoRawAsync("commandstats")) / Times;
            var bytes = Number(Sent(), await server.InfoRawAsync("stats")) / Times;
            text.AppendLine(CultureInfo.InvariantCulture, $"| {nodes} | {microseconds:0} | {bytes:0} | {2 * nodes * microseconds / 1000:0.0} | {2 * nodes * bytes / 1000:0} | {2 * nodes * microseconds / 10_000:0.0} |");
        }

        return text.ToString().TrimEnd();
    }

    private static Task<RedisResult> SyncAsync(IDatabase database, int node, string incarnation, string applied, string before) => database.ScriptEvaluateAsync(
        FenceScripts.Sync.Text, Keys,
        ["1", incarnation, applied, before, $"{node:x24}", $"gateway-{node}", $"{applied}-0", 1000, LivesMicroseconds, "q"]);

    private static double Number(Regex figure, string? statistics) => double.Parse(figure.Match(statistics ?? "").Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"cmdstat_evalsha:calls=\d+,usec=(\d+)")]
    private static partial Regex EvalTime();

    [GeneratedRegex(@"total_net_output_bytes:(\d+)")]
    private static partial Regex Sent();
}
