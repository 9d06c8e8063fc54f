using System.Buffers;

namespace CacheGateway.Http;

/// <summary>
/// Targeted Cache-Control (RFC 9213): the directives of Cache-Control as a structured-field dictionary (RFC 9651). A field that is not one,
/// or whose lifetimes are not integers, is ignored whole (2.2).
/// </summary>
public static class TargetedCacheControl
{
    private static readonly SearchValues<char> DecimalCharacters = SearchValues.Create("0123456789.");
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~:/0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    /// <summary>Null when the field is invalid or empty.</summary>
    public static ResponseDirectives? Parse(string joinedLines)
    {
        ArgumentNullException.ThrowIfNull(joinedLines);
        var rest = joinedLines.AsSpan().Trim(' ');
        var found = new DirectiveCollector();
        var any = false;
        while (!rest.IsEmpty)
        {
            var key = TakeKey(ref rest);
            if (key.IsEmpty)
            {
                return null;
            }

            var value = ReadOnlySpan<char>.Empty;
            var hasValue = !rest.IsEmpty && rest[0] == '=';
            if (hasValue)
            {
                rest = rest[1..];
                if (!TakeItem(ref rest, out value, out var kind) || !Fits(key, kind))
                {
                    return null;
                }

                // ?1 is true, as the bare key is.
                hasValue = kind != 'b';
                if (kind == 'b' && value is "0")
                {
                    key = [];
                }
            }
            else if (IsLifetime(key))
            {
                return null;
            }

            if (!TakeParameters(ref rest))
            {
                return null;
            }

            any = true;
            if (!key.IsEmpty)
            {
                found.Add(key, hasValue, value);
            }

            rest = rest.TrimStart(" \t");
            if (rest.IsEmpty)
            {
                break;
            }

            if (rest[0] != ',')
            {
                return null;
            }

            rest = rest[1..].TrimStart(" \t");
            if (rest.IsEmpty)
            {
                return null;
            }
        }

        return any ? found.ToDirectives() : null;
    }

    private static bool IsLifetime(ReadOnlySpan<char> key) => key is "max-age" or "s-maxage" or "stale-while-revalidate" or "stale-if-error";

    private static bool Fits(ReadOnlySpan<char> key, char kind) => !IsLifetime(key) || kind == 'i';

    private static ReadOnlySpan<char> TakeKey(scoped ref ReadOnlySpan<char> rest)
    {
        var length = 0;
        while (length < rest.Length && (char.IsAsciiLetterLower(rest[length]) || rest[length] == '*'
            || (length > 0 && (char.IsAsciiDigit(rest[length]) || rest[length] is '_' or '-' or '.'))))
        {
            length++;
        }

        var key = rest[..length];
        rest = rest[length..];
        return key;
    }

    /// <summary>Takes one bare item; kinds: i integer, d decimal, s string, t token, b boolean.</summary>
    private static bool TakeItem(scoped ref ReadOnlySpan<char> rest, out ReadOnlySpan<char> value, out char kind)
    {
        value = [];
        kind = ' ';
        if (rest.IsEmpty)
        {
            return false;
        }

        if (rest[0] == '"')
        {
            var i = 1;
            while (i < rest.Length && rest[i] != '"')
            {
                i += rest[i] == '\\' ? 2 : 1;
            }

            if (i >= rest.Length)
            {
                return false;
            }

            value = rest[1..i];
            rest = rest[(i + 1)..];
            kind = 's';
            return true;
        }

        if (rest[0] == '?')
        {
            if (rest.Length < 2 || rest[1] is not ('0' or '1'))
            {
                return false;
            }

            value = rest[1..2];
            rest = rest[2..];
            kind = 'b';
            return true;
        }

        var length = rest.IndexOfAny(",; \t");
        value = length < 0 ? rest : rest[..length];
        rest = length < 0 ? [] : rest[length..];
        var digits = value.StartsWith("-") ? value[1..] : value;
        if (!digits.IsEmpty && digits.IndexOfAnyExceptInRange('0', '9') < 0)
        {
            kind = 'i';
            return digits.Length <= 15;
        }

        if (!digits.IsEmpty && digits.IndexOfAnyExcept(DecimalCharacters) < 0)
        {
            kind = 'd';
            return true;
        }

        kind = 't';
        return !value.IsEmpty && (char.IsAsciiLetter(value[0]) || value[0] == '*')
            && value.IndexOfAnyExcept(TokenCharacters) < 0;
    }

    private static bool TakeParameters(scoped ref ReadOnlySpan<char> rest)
    {
        while (!rest.IsEmpty && rest[0] == ';')
        {
            rest = rest[1..].TrimStart(' ');
            if (TakeKey(ref rest).IsEmpty)
            {
                return false;
            }

            if (!rest.IsEmpty && rest[0] == '=')
            {
                rest = rest[1..];
                if (!TakeItem(ref rest, out _, out _))
                {
                    return false;
                }
            }
        }

        return true;
    }
}
