namespace CacheGateway.Http;

/// <summary>
/// Brings a selecting field's value into one form for all values that mean the same (RFC 9111 4.1). Works on spans, so that comparing on a hit
/// allocates nothing. The result is never longer than the value, and normalising it again changes nothing.
/// </summary>
internal static class VaryNormaliser
{
    /// <summary>More members than any real client sends; a longer list is compared as a plain one.</summary>
    private const int MaxMembers = 24;

    /// <param name="name">Of the field.</param>
    /// <param name="value">Of the field.</param>
    /// <param name="target">As long as the value at least.</param>
    /// <param name="inWords">Languages stay as they are written, but for whitespace.</param>
    public static int Write(ReadOnlySpan<char> name, ReadOnlySpan<char> value, Span<char> target, bool inWords)
    {
        var coding = name.Equals("Accept-Encoding", StringComparison.OrdinalIgnoreCase);
        if (coding || (!inWords && name.Equals("Accept-Language", StringComparison.OrdinalIgnoreCase)))
        {
            var length = WriteWeighted(value, target, coding);
            return length >= 0 ? length : WriteList(value, target);
        }

        return SingleValued(name) ? Copy(value.Trim(" \t"), target) : WriteList(value, target);
    }

    /// <summary>Fields that are no lists: a comma in them, and the space behind it, belongs to the value.</summary>
    private static bool SingleValued(ReadOnlySpan<char> name) =>
        name.Equals("Cookie", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Authorization", StringComparison.OrdinalIgnoreCase)
        || name.Equals("User-Agent", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Referer", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Lower case, ordered by weight and then name, weights in their shortest form. Weights stay (the origin may multiply them with its own),
    /// and so does every refusal (q=0): requests that refuse different codings never share a response. -1 when the value does not parse
    /// or names something twice.
    /// </summary>
    private static int WriteWeighted(ReadOnlySpan<char> value, Span<char> target, bool coding)
    {
        Span<Member> members = stackalloc Member[MaxMembers];
        var count = 0;
        var list = new WeightedList(value);
        while (list.Read())
        {
            if (list.Failed || count == MaxMembers)
            {
                return -1;
            }

            value.Overlaps(list.Name, out var start);
            var length = list.Name.Length;
            if (coding && list.Name.StartsWith("x-", StringComparison.OrdinalIgnoreCase) && IsLegacy(list.Name[2..]))
            {
                start += 2;
                length -= 2;
            }

            var member = new Member(start, length, list.Weight);
            var at = count++;
            for (; at > 0; at--)
            {
                var order = member.CompareTo(members[at - 1], value);
                if (order == 0)
                {
                    return -1;
                }

                if (order >= 0)
                {
                    break;
                }

                members[at] = members[at - 1];
            }

            members[at] = member;
        }

        return HasDuplicate(members[..count], value) ? -1 : Join(members[..count], value, target);
    }

    /// <summary>RFC 9110 8.4.1: x-gzip and x-compress are other names of the same codings.</summary>
    private static bool IsLegacy(ReadOnlySpan<char> name) =>
        name.Equals("gzip", StringComparison.OrdinalIgnoreCase) || name.Equals("compress", StringComparison.OrdinalIgnoreCase);

    private static bool HasDuplicate(ReadOnlySpan<Member> members, ReadOnlySpan<char> value)
    {
        for (var i = 1; i < members.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (members[i].Name(value).Equals(members[j].Name(value), StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static int Join(ReadOnlySpan<Member> members, ReadOnlySpan<char> value, Span<char> target)
    {
        var at = 0;
        foreach (var member in members)
        {
            if (at > 0)
            {
                target[at++] = ',';
            }

            at += member.Name(value).ToLowerInvariant(target[at..]);
            if (member.Weight == WeightedList.Full)
            {
                continue;
            }

            at += Copy(";q=0", target[at..]);
            if (member.Weight > 0)
            {
                target[at++] = '.';
                for (int rest = member.Weight, unit = 100; rest > 0; rest %= unit, unit /= 10)
                {
                    target[at++] = (char)('0' + (rest / unit));
                }
            }
        }

        return at;
    }

    /// <summary>Whitespace around the commas that are not inside quotes goes (RFC 9110 5.3: lines of one field combine this way).</summary>
    private static int WriteList(ReadOnlySpan<char> value, Span<char> target)
    {
        var at = 0;
        while (true)
        {
            var comma = Comma(value);
            at += Copy((comma < 0 ? value : value[..comma]).Trim(" \t"), target[at..]);
            if (comma < 0)
            {
                return at;
            }

            target[at++] = ',';
            value = value[(comma + 1)..];
        }
    }

    private static int Comma(ReadOnlySpan<char> value)
    {
        var quoted = false;
        for (var i = 0; i < value.Length; i++)
        {
            switch (value[i])
            {
                case '\\' when quoted:
                    i++;
                    break;
                case '"':
                    quoted = !quoted;
                    break;
                case ',' when !quoted:
                    return i;
            }
        }

        return -1;
    }

    private static int Copy(ReadOnlySpan<char> text, Span<char> target)
    {
        text.CopyTo(target);
        return text.Length;
    }

    private readonly record struct Member(int Start, int Length, int Weight)
    {
        public ReadOnlySpan<char> Name(ReadOnlySpan<char> value) => value.Slice(Start, Length);

        public int CompareTo(Member other, ReadOnlySpan<char> value) =>
            other.Weight.CompareTo(Weight) is var byWeight and not 0
                ? byWeight
                : Name(value).CompareTo(other.Name(value), StringComparison.OrdinalIgnoreCase);
    }
}
