namespace CacheGateway.Model;

/// <summary>One field line as it stands on the wire (RFC 9110 5.1): several lines of one name are several of these, in order.</summary>
public readonly record struct HeaderField(string Name, string Value)
{
    /// <summary>The fields without those that <paramref name="goes"/> says; the same array where none goes.</summary>
    internal static HeaderField[] Without<T>(HeaderField[] fields, T state, Func<HeaderField, T, bool> goes)
    {
        HeaderField[]? kept = null;
        var count = 0;
        for (var i = 0; i < fields.Length; i++)
        {
            if (!goes(fields[i], state))
            {
                kept?[count] = fields[i];
                count++;
            }
            else if (kept is null)
            {
                kept = new HeaderField[fields.Length - 1];
                fields.AsSpan(0, i).CopyTo(kept);
            }
        }

        return kept is null ? fields : kept.Length == count ? kept : kept[..count];
    }

    public bool Is(string name) => string.Equals(Name, name, StringComparison.OrdinalIgnoreCase);
}
