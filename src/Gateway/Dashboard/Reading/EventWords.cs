using System.Text.Json;
using CacheGateway.Invalidation;
using CacheGateway.Operations;

namespace CacheGateway.Dashboard.Reading;

/// <summary>An event of the feed in one sentence.</summary>
/// <param name="Kind">On its badge.</param>
/// <param name="Tone">The badge's colour.</param>
/// <param name="Text">The sentence.</param>
internal sealed record EventWords(string Kind, string Tone, string Text)
{
    private const int Longest = 300;

    public static EventWords Of(LiveEvent happened) => happened.Kind switch
    {
        "alert" => new("alert", Words(happened.Data, "severity") == "critical" ? "bad" : "warn", Join(" ", Words(happened.Data, "title") + ".", Words(happened.Data, "recommendation"))),
        "alert-ended" => new("alert ended", "good", Words(happened.Data, "title")),
        "event-ignored" => new("event ignored", "warn", $"An event was ignored: {Words(happened.Data, "why")}."),
        "invalidation" => new("invalidation", "accent", Invalidation(happened.Data)),
        "policies" => Policies(happened.Data),
        "warming" => Warming(happened.Data),
        _ => new(happened.Kind, "", happened.Data.GetRawText() is { Length: > Longest } text ? text[..Longest] + "…" : happened.Data.GetRawText()),
    };

    private static EventWords Policies(JsonElement data) => Number(data, "errors") is > 0 and var errors
        ? new("policies", "bad", $"A changed policy file was refused: {Components.Show.Counted(errors, "error", "errors")}; the last good policies stay in force.")
        : new("policies", "good", $"Policies were read again: {Components.Show.Counted(Number(data, "policies"), "policy", "policies")}.");

    private static EventWords Warming(JsonElement data)
    {
        var targets = Components.Show.Counted(Number(data, "total"), "target", "targets");
        var cause = Words(data, "cause");
        var end = $"{Components.Show.Count(Number(data, "stored"))} stored, {Components.Show.Count(Number(data, "fresh"))} fresh before, {Components.Show.Count(Number(data, "notStored"))} not storable, {Components.Show.Count(Number(data, "failed"))} failed";
        return Words(data, "state") switch
        {
            "running" => new("warm-up", "accent", $"A warm-up of {targets} began, caused by {cause}."),
            "done" => new("warm-up", Number(data, "failed") > 0 ? "warn" : "good", $"The warm-up of {targets}, caused by {cause}, is done: {end}."),
            "cancelled" => new("warm-up", "warn", $"The warm-up of {targets}, caused by {cause}, was cancelled: {end}."),
            _ => new("warm-up", "bad", $"The warm-up of {targets}, caused by {cause}, broke off by an error of the gateway's: {end}."),
        };
    }

    private static string Invalidation(JsonElement data) =>
        Join(" ", Words(data, "what"), $"by {Source(Words(data, "source"))}", Words(data, "who"), Words(data, "reason") is { Length: > 0 } why ? $"({why})" : "");

    private static string Source(string source) => source switch
    {
        nameof(InvalidationSource.UnsafeMethod) => "a write",
        nameof(InvalidationSource.Event) => "an event",
        nameof(InvalidationSource.Webhook) => "a webhook",
        _ => source.ToLowerInvariant(),
    };

    private static string Join(string between, params ReadOnlySpan<string> parts)
    {
        var kept = new List<string>();
        foreach (var part in parts)
        {
            if (part.Length > 0)
            {
                kept.Add(part);
            }
        }

        return string.Join(between, kept);
    }

    private static string Words(JsonElement data, string name) => data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static long Number(JsonElement data, string name) => data.TryGetProperty(name, out var value) && value.TryGetInt64(out var number) ? number : 0;
}
