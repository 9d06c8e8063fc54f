using System.Security.Cryptography;
using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>Entity tags (RFC 9110 8.8.3) and lists of them, compared in place.</summary>
internal static class EntityTags
{
    public static bool IsWeak(ReadOnlySpan<char> tag) => tag.StartsWith("W/");

    /// <summary>RFC 9110 8.8.3.2: strong comparison wants both strong; weak comparison looks at the opaque tags alone.</summary>
    public static bool Same(ReadOnlySpan<char> left, ReadOnlySpan<char> right, bool strong) =>
        strong ? !IsWeak(left) && left.SequenceEqual(right) : Opaque(left).SequenceEqual(Opaque(right));

    /// <summary>Whether the list (If-Match, If-None-Match) is "*" or has the tag. A tag may hold commas inside its quotes.</summary>
    public static bool Lists(ReadOnlySpan<char> list, ReadOnlySpan<char> tag, bool strong)
    {
        list = list.Trim(" \t");
        if (list.SequenceEqual("*"))
        {
            return true;
        }

        if (tag.IsEmpty)
        {
            return false;
        }

        while (!(list = list.TrimStart(" \t,")).IsEmpty)
        {
            var length = Length(list);
            if (Same(list[..length].TrimEnd(" \t"), tag, strong))
            {
                return true;
            }

            list = list[length..];
        }

        return false;
    }

    /// <summary>A strong tag of these bytes.</summary>
    public static string Of(BodySegments body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var i = 0; i < body.Count; i++)
        {
            hash.AppendData(body[i]);
        }

        Span<byte> digest = stackalloc byte[32];
        hash.GetHashAndReset(digest);
        return $"\"{Convert.ToHexStringLower(digest[..16])}\"";
    }

    private static ReadOnlySpan<char> Opaque(ReadOnlySpan<char> tag) => IsWeak(tag) ? tag[2..] : tag;

    /// <summary>Length of the first member; one without quotes, which is no valid tag, ends at the comma.</summary>
    private static int Length(ReadOnlySpan<char> list)
    {
        var open = IsWeak(list) ? 2 : 0;
        if (open < list.Length && list[open] == '"')
        {
            var close = list[(open + 1)..].IndexOf('"');
            if (close >= 0)
            {
                return open + close + 2;
            }
        }

        var comma = list.IndexOf(',');
        return comma < 0 ? list.Length : comma;
    }
}
