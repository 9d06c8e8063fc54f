namespace CacheGateway.Http;

/// <summary>
/// Targeted Cache-Control fields such as CDN-Cache-Control (RFC 9213): a Structured Field dictionary, stricter than Cache-Control itself.
/// </summary>
public static class TargetedCacheControl
{
    /// <summary>
    /// Null when the field is empty or does not parse: it then counts as absent (RFC 9213 2.1). Of a name given twice the last value counts (RFC 9651 4.2.2).
    /// A value of the wrong type spoils its own member alone, and that towards not reusing: nothing beside it may be lost.
    /// </summary>
    public static ResponseDirectives? Parse(string joinedLines)
    {
        var reader = new StructuredFieldReader(joinedLines);
        Dictionary<string, StructuredItem>? members = null;
        while (reader.Read())
        {
            members ??= [];
            members[reader.Key.ToString()] = new StructuredItem(reader.Kind, reader.Integer, reader.Text.ToString());
        }

        if (reader.Failed || members is null)
        {
            return null;
        }

        var builder = new ResponseDirectivesBuilder();
        foreach (var (name, item) in members)
        {
            Add(builder, name, item);
        }

        return builder.Build();
    }

    private static void Add(ResponseDirectivesBuilder builder, string name, StructuredItem item)
    {
        if (DirectiveNames.TakesSeconds(name))
        {
            builder.AddSeconds(name, item.Kind == StructuredKind.Integer ? Math.Clamp(item.Integer, 0, DeltaSeconds.Max) : 0);
        }
        else if (DirectiveNames.TakesFields(name) && item.Kind == StructuredKind.String)
        {
            builder.AddFields(name, item.Text);
        }
        else if (item.Kind == StructuredKind.Boolean ? item.Integer == 1 : DirectiveNames.Restricts(name))
        {
            // "?0" says in words that the directive is absent.
            builder.AddFlag(name);
        }
    }
}
