using CacheGateway.Http;
using CacheGateway.Model;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace CacheGateway.Pipeline;

/// <summary>
/// What an origin says about who may have its answer and by what it is called, and a route's response transforms take from the clients: it counts all the same. A transform says what
/// clients see, not what may be shared, nor what is stale.
/// </summary>
internal static class HiddenFields
{
    private const string NoStore = "no-store";
    private const string Private = "private";

    /// <summary>The field lines that the answer is judged by beside those that are left; empty where nothing that matters is hidden.</summary>
    /// <param name="response">As it came.</param>
    /// <param name="visible">As the transforms have left it.</param>
    /// <param name="targeted">Fields that speak to this cache before Cache-Control does.</param>
    public static HeaderField[] Of(HttpResponseMessage response, IHeaderDictionary visible, IReadOnlyList<string> targeted)
    {
        var hidden = new List<HeaderField>();
        AddLines(hidden, response, visible, [HeaderNames.Vary, HeaderNames.SetCookie, .. AnswerFields.Tags]);

        // A lifetime that a transform wrote counts; where it only took the origin's away, that does.
        foreach (var name in (string[])[HeaderNames.CacheControl, HeaderNames.Expires, .. targeted])
        {
            if (!visible.ContainsKey(name)
                && (response.Headers.NonValidated.TryGetValues(name, out var lines) || response.Content.Headers.NonValidated.TryGetValues(name, out lines)))
            {
                hidden.AddRange(lines.Select(line => new HeaderField(name, line)));
            }
        }

        if (Restrictions(response, visible, targeted) is { Length: > 0 } words)
        {
            hidden.Add(new HeaderField(HeaderNames.CacheControl, words));
        }

        return [.. hidden];
    }

    /// <summary>The field lines of an answer to a write by which it names what else is stale, where they are not left as they came.</summary>
    public static HeaderField[] OfWrite(HttpResponseMessage response, IHeaderDictionary visible)
    {
        var hidden = new List<HeaderField>();
        AddLines(hidden, response, visible, ["Cache-Group-Invalidation", HeaderNames.Location, HeaderNames.ContentLocation]);
        return [.. hidden];
    }

    private static void AddLines(List<HeaderField> hidden, HttpResponseMessage response, IHeaderDictionary visible, ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (response.Headers.NonValidated.TryGetValues(name, out var lines) || response.Content.Headers.NonValidated.TryGetValues(name, out lines))
            {
                hidden.AddRange(lines.Where(line => !visible[name].Contains(line)).Select(line => new HeaderField(name, line)));
            }
        }
    }

    /// <summary>
    /// no-store, private and no-cache of the origin that are not said any more. What else Cache-Control says, a transform may say otherwise. What may only be used after validation is not
    /// stored at all then: nothing of what is stored would say so any more.
    /// </summary>
    private static string Restrictions(HttpResponseMessage response, IHeaderDictionary visible, IReadOnlyList<string> targeted)
    {
        string[] names = [HeaderNames.CacheControl, .. targeted];
        var said = Directives(names, name => response.Headers.NonValidated.TryGetValues(name, out var lines) ? new StringValues([.. lines]) : default, targeted);
        var left = Directives(names, name => visible[name], targeted);
        return (said.NoStore && !left.NoStore) || (said.NoCache && !left.NoCache) ? NoStore : said.Private && !left.Private ? Private : "";
    }

    private static ResponseDirectives Directives(string[] names, Func<string, StringValues> valuesOf, IReadOnlyList<string> targeted) =>
        ResponseFacts.From(StatusCodes.Status200OK, [.. names.SelectMany(name => valuesOf(name).Select(value => new HeaderField(name, value ?? "")))], targeted).Directives;
}
