using System.Text.Json.Nodes;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Model;
using CacheGateway.Pipeline;
using CacheGateway.Policies;

namespace CacheGateway.Operations;

/// <summary>The policies in force, with what they did.</summary>
internal sealed class PolicyView(IPolicySource source, DefaultPolicy defaults, TrafficRecorder traffic)
{
    /// <summary>With each policy's section as it is written.</summary>
    public PolicyAnswer ReadWritten()
    {
        var answer = Read();
        return answer with { Policies = [.. answer.Policies.Select(policy => policy with { Written = source.TextOf(policy.Name) is { } text ? JsonNode.Parse(text)!.AsObject() : null })] };
    }

    public PolicyAnswer Read()
    {
        var table = source.Current;
        var policies = defaults.Policy is { } all ? [.. table.Policies, all] : table.Policies;
        var counts = traffic.Policies.ToDictionary(policy => policy.Name, policy => policy.Total, StringComparer.Ordinal);
        return new PolicyAnswer(
            defaults.SwitchedOffBy(table) is null, source.LastReload, source.Reloads, source.Failed, [.. source.LastErrors.Select(error => error.ToString())],
            [.. policies.Select(policy => PolicySummary.Of(policy, counts.GetValueOrDefault(policy.Name) ?? TrafficCounts.None))]);
    }
}

/// <param name="Enabled">False = every request passes.</param>
/// <param name="LoadedAt">When the file was last taken; null without a file.</param>
/// <param name="Reloads">Changes taken since start.</param>
/// <param name="Refused">Changes refused since start.</param>
/// <param name="Errors">What is wrong with the file as it stands; the last good one stays in force.</param>
/// <param name="Policies">The most specific first, as they are tried.</param>
internal sealed record PolicyAnswer(bool Enabled, DateTimeOffset? LoadedAt, int Reloads, int Refused, IReadOnlyList<string> Errors, IReadOnlyList<PolicySummary> Policies);

internal sealed record PolicySummary(
    string Name, string? Description, bool Enabled, string Path, IReadOnlyList<string> Methods, string Profile, double? TtlSeconds, string Origin,
    double StaleWhileRevalidateSeconds, double StaleIfErrorSeconds, string Identity, IReadOnlyList<string> KeyHeaders, IReadOnlyList<string> KeyCookies,
    IReadOnlyList<string> Tags, long Requests, double? HitRatio)
{
    /// <summary>Its section of the file, whole; null where none is written.</summary>
    public JsonObject? Written { get; init; }

    public static PolicySummary Of(CachePolicy policy, TrafficCounts counts) => new(
        policy.Name, policy.Description, policy.Enabled, policy.Match.Path?.Text ?? "*", [.. policy.Match.Methods], policy.Profile.ToString().ToLowerInvariant(), policy.Ttl?.TotalSeconds,
        policy.Origin.ToString().ToLowerInvariant(), policy.StaleWhileRevalidate.TotalSeconds, policy.StaleIfError.TotalSeconds,
        policy.Key.Identity.ToString().ToLowerInvariant(), policy.Key.Headers, policy.Key.Cookies, [.. policy.Tags.Select(tag => tag.BodyPath is { } path ? $"{path} -> {tag.Text}" : tag.Text)], counts.Requests, counts.HitRatio);
}
