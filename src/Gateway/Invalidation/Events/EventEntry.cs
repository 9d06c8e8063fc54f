using System.Text;
using System.Text.Json;
using CacheGateway.Invalidation.Redis;
using StackExchange.Redis;

namespace CacheGateway.Invalidation.Events;

/// <summary>
/// An entry of the events stream, in either of two forms:
/// <code>
/// XADD cachegateway:events * event category.saved id 01J... data {"id":7}
/// XADD cachegateway:events * json {"event":"category.saved","id":"01J...","data":{"id":7}}
/// </code>
/// A field <c>by</c> beside it names the deployment and the rules that it was dealt with by before it came here (<see cref="EventRelay"/>): <c>DEPLOYMENT/RULES</c>. Gateways of before wrote the rules alone,
/// which are nobody's now: what they dealt with is raised once more.
/// </summary>
internal sealed record EventEntry(string Id, EventMessage? Message, string? Error)
{
    /// <summary>Who needs it no more; null = all do.</summary>
    public string? By { get; private init; }

    public static EventEntry Read(RedisResult result) => ReadAll(result) with { By = FenceEntry.Field((string[])((RedisResult[])result)[1] ?? [], "by") };

    private static EventEntry ReadAll(RedisResult result)
    {
        var parts = (RedisResult[])result;
        var fields = (string[])parts[1] ?? [];
        string? Field(string name) => FenceEntry.Field(fields, name);
        var id = (string)parts[0] ?? "0-0";
        var whole = Field("json") ?? (Field("event") is ['{', ..] inEvent ? inEvent : null);
        if (whole is not null)
        {
            return EventMessage.TryParse(Encoding.UTF8.GetBytes(whole), out EventMessage? message, out var error)
                ? new EventEntry(id, message, null)
                : new EventEntry(id, null, error);
        }

        JsonElement data = default;
        if (Field("data") is { Length: > 0 } text && !EventMessage.TryParse(Encoding.UTF8.GetBytes(text), out data, out var wrong))
        {
            return new EventEntry(id, null, $"its data cannot be read: {wrong}");
        }

        return Field("event") is { Length: > 0 and <= 256 } name
            ? new EventEntry(id, new EventMessage(name, Field("id") is var own && EventMessage.IsId(own) ? own : null, data), null)
            : new EventEntry(id, null, "it names no event");
    }
}
