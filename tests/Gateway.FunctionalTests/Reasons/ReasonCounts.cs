using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Reasons;

/// <summary>Reasons as the metrics count them.</summary>
internal static class ReasonCounts
{
    public static Task UntilReason(this GatewayEnvironment env, Reason reason) => Deadline.Until(
        async () =>
        {
            using var answer = await env.AdminAsync("/metrics");
            return (await answer.Content.ReadAsStringAsync()).Contains($"reason=\"{reason.Text()}\"", StringComparison.Ordinal);
        },
        $"the metric with reason {reason.Text()}");
}
