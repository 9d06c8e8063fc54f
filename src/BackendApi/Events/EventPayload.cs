using System.Text.Json;

namespace BackendApi.Events;

/// <summary>One event as both publishers write it: <c>{"event":"product.saved","id":"...","data":{"id":7}}</c>.</summary>
/// <param name="Id">Names the event, so that it is done once however often it arrives.</param>
/// <param name="Json">The event.</param>
internal sealed record EventPayload(string Id, string Json)
{
    public static EventPayload Of(string name, object data)
    {
        var id = Guid.CreateVersion7().ToString("N");
        return new EventPayload(id, JsonSerializer.Serialize(new { @event = name, id, data }, JsonSerializerOptions.Web));
    }
}
