namespace CacheGateway.Http;

/// <summary>
/// Targeted Cache-Control fields such as CDN-Cache-Control (RFC 9213): a Structured Field dictionary, stricter than Cache-Control itself.
/// </summary>
public static class TargetedCacheControl
{
    /// <summary>
    /// Null when the field is empty, does not parse, or gives a directive that is known here a value of the wrong type (RFC 9213 2.1):
    /// it then counts as absent. Of a name given twice the last value counts (RFC 9651 4.2.2).
    /// </summary>
    public static ResponseDirectives? Parse(string joinedLines)
    {
        var reader = new StructuredDictionaryReader(joinedLines);
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
            if (!Add(builder, name, item))
            {
                return null;
            }
        }

        return builder.Build();
    }

    private static bool Add(ResponseDirectivesBuilder builder, string name, StructuredItem item)
    {
        if (DirectiveNames.TakesSeconds(name))
        {
            builder.AddSeconds(name, Math.Clamp(item.Integer, 0, DeltaSeconds.Max));
            return item.Kind == StructuredKind.Integer;
        }

        if (DirectiveNames.TakesFields(name) && item.Kind == StructuredKind.String)
        {
            builder.AddFields(name, item.Text);
            return true;
        }

        if (!DirectiveNames.IsFlag(name))
        {
            return true;
        }

        // "?0" says in words that the directive is absent.
        if (item.Kind == StructuredKind.Boolean && item.Integer == 1)
        {
            builder.AddFlag(name);
        }

        return item.Kind == StructuredKind.Boolean;
    }
}
