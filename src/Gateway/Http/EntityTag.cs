namespace CacheGateway.Http;

/// <summary>Comparison of entity tags (RFC 9110 8.8.3.2).</summary>
internal static class EntityTag
{
    public static bool IsWeak(ReadOnlySpan<char> tag) => tag.StartsWith("W/");

    /// <summary>Weak comparison: the opaque parts are equal.</summary>
    public static bool WeakEquals(ReadOnlySpan<char> left, ReadOnlySpan<char> right) => Opaque(left).SequenceEqual(Opaque(right));

    /// <summary>Strong comparison: equal, and neither is weak.</summary>
    public static bool StrongEquals(ReadOnlySpan<char> left, ReadOnlySpan<char> right) =>
        !IsWeak(left) && !IsWeak(right) && left.SequenceEqual(right);

    /// <summary>Whether a list (If-None-Match, If-Match) names <paramref name="tag"/>; "*" names everything. Commas inside quotes are text.</summary>
    public static bool ListContains(ReadOnlySpan<char> list, string? tag, bool strong)
    {
        list = list.Trim(" \t");
        if (list is "*")
        {
            return true;
        }

        while (tag is not null && !list.IsEmpty)
        {
            list = list.TrimStart(" \t,");
            var member = list[..LengthOfMember(list)];
            list = list[member.Length..];
            member = member.TrimEnd(" \t");
            if (!member.IsEmpty && (strong ? StrongEquals(member, tag) : WeakEquals(member, tag)))
            {
                return true;
            }
        }

        return false;
    }

    private static ReadOnlySpan<char> Opaque(ReadOnlySpan<char> tag) => IsWeak(tag) ? tag[2..] : tag;

    private static int LengthOfMember(ReadOnlySpan<char> list)
    {
        var quoted = false;
        for (var i = 0; i < list.Length; i++)
        {
            if (list[i] == '"')
            {
                quoted = !quoted;
            }
            else if (list[i] == ',' && !quoted)
            {
                return i;
            }
        }

        return list.Length;
    }
}
