using System.Diagnostics.Metrics;
using CacheGateway.Diagnostics;

namespace CacheGateway.Policies;

/// <summary>Changes of the files that are read while the gateway runs: a refused one is worth an alert, because what is written is not what is in force.</summary>
internal static class ReloadCounts
{
    public static void AddTo(GatewayMetrics metrics, IPolicySource policies, ConfigurationState configuration) => metrics.Counts(
        "cachegateway.config.reloads", null, "Changes of the policy file (policies) and of the configuration file (config) since the start, by whether they were taken or refused.",
        () =>
        [
            Of(policies.Reloads, "policies", "taken"), Of(policies.Failed, "policies", "refused"),
            Of(configuration.Taken, "config", "taken"), Of(configuration.Refused, "config", "refused"),
        ]);

    private static Measurement<long> Of(int count, string file, string result) => new(count, new("file", file), new("result", result));
}
