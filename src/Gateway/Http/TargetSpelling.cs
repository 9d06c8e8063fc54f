using System.Globalization;
using System.Text;
using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>
/// How else a target may be written that means the same (RFC 3986 6.2.2). What is stored is keyed by its bytes; what clears it may spell them another way.
/// </summary>
internal static class TargetSpelling
{
    /// <summary>
    /// <paramref name="target"/> (path and query) without dot segments, with what needs no percent-encoding decoded and the rest in upper case; the same string when nothing changes.
    /// </summary>
    public static string Normalise(string target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return WithoutDots(Decoded(target));
    }

    /// <summary>
    /// The target that <paramref name="reference"/> names beside <paramref name="target"/> (RFC 3986 5.2.2), percent-encoded as it is written; null where it names none. Which server it
    /// names is not looked at.
    /// </summary>
    public static string? Resolve(string target, string reference)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(reference);
        var fragment = reference.IndexOf('#', StringComparison.Ordinal);
        var text = fragment < 0 ? reference : reference[..fragment];
        var server = text.IndexOf("//", StringComparison.Ordinal);
        if (server >= 0 && text.AsSpan(0, server).IndexOfAny('/', '?') < 0)
        {
            var start = text.AsSpan(server + 2).IndexOfAny('/', '?');
            text = start < 0 ? "/" : text[(server + 2 + start)..];
            text = text[0] == '?' ? "/" + text : text;
        }

        if (text.Length == 0 || Scheme(text))
        {
            return null;
        }

        var path = TargetParts.Path(target);
        return WithoutDots(text[0] switch
        {
            '/' => text,
            '?' => string.Concat(path, text),
            _ => string.Concat(path[..(path.LastIndexOf('/') + 1)], text),
        });
    }

    private static bool Scheme(string text)
    {
        var first = text.AsSpan().IndexOfAny("/?:");
        return first >= 0 && text[first] == ':';
    }

    private static string Decoded(string target)
    {
        if (IsDecoded(target))
        {
            return target;
        }

        var text = new StringBuilder(target.Length);
        for (var i = 0; i < target.Length; i++)
        {
            if (target[i] != '%' || i + 2 >= target.Length || !byte.TryParse(target.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet))
            {
                text.Append(target[i]);
                continue;
            }

            var c = (char)octet;
            _ = NeedsNoEncoding(c) ? text.Append(c) : text.Append('%').Append(octet.ToString("X2", CultureInfo.InvariantCulture));
            i += 2;
        }

        return text.ToString();
    }

    /// <summary>Whether nothing in it is spelt otherwise than it should be. Most targets are so, and asked often.</summary>
    private static bool IsDecoded(string target)
    {
        for (var rest = target.AsSpan(); rest.IndexOf('%') is >= 0 and var at; rest = rest[(at + 1)..])
        {
            if (at + 2 < rest.Length && byte.TryParse(rest.Slice(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet)
                && (NeedsNoEncoding((char)octet) || rest.Slice(at + 1, 2).ContainsAnyInRange('a', 'f')))
            {
                return false;
            }
        }

        return true;
    }

    private static bool NeedsNoEncoding(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~';

    private static string WithoutDots(string target)
    {
        var path = TargetParts.Path(target);
        return path.Contains("/.", StringComparison.Ordinal) ? string.Concat(PathWithoutDots(path.ToString()), TargetParts.Query(target)) : target;
    }

    /// <summary>RFC 3986 5.2.4.</summary>
    /// <param name="path">Begins with a slash; decoded or not, "?" is part of it.</param>
    public static string PathWithoutDots(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!path.Contains("/.", StringComparison.Ordinal))
        {
            return path;
        }

        var segments = path[1..].Split('/');
        var kept = new List<string>(segments.Length);
        for (var i = 0; i < segments.Length; i++)
        {
            var isUp = segments[i] == "..";
            if (!isUp && segments[i] != ".")
            {
                kept.Add(segments[i]);
                continue;
            }

            if (isUp && kept.Count > 0)
            {
                kept.RemoveAt(kept.Count - 1);
            }

            if (i == segments.Length - 1)
            {
                // What a dot segment ends is a directory.
                kept.Add("");
            }
        }

        return "/" + string.Join('/', kept);
    }
}
