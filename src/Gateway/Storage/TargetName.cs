using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using CacheGateway.Http;

namespace CacheGateway.Storage;

/// <summary>
/// A URL or prefix as an invalidation names it, split into what a <see cref="Model.ResourceId"/> holds. The scheme is dropped (a purge of
/// one kills both),
/// the target is kept byte for byte, as a request forwards it.
/// <para>
/// That of a URL may be as long as anybody likes, and a write that anybody may send raises it: one of more than <see cref="Longest"/> characters is named by its hash, <c>#</c> and SHA-256 in
/// base64url, here and on the wire (<see cref="Brief"/>), so that a mark costs the same whatever is asked for. No target begins like that.
/// </para>
/// </summary>
/// <param name="Authority">As <see cref="RequestTarget.NormaliseAuthority"/> gives it; empty = every authority.</param>
/// <param name="Target">Starts with "/".</param>
internal readonly record struct TargetName(string Authority, string Target)
{
    /// <summary>Characters of a target that is named by itself.</summary>
    public const int Longest = 256;

    private const char Hashed = '#';

    /// <summary>Bytes: as long as a key's target may be.</summary>
    private const int MostOnStack = 8 * 1024;

    private static readonly int HashLength = Base64Url.GetEncodedLength(SHA256.HashSizeInBytes);

    /// <summary>What a target is named by in marks: itself, or its hash where it is long.</summary>
    public static ReadOnlySpan<char> OfTarget(ReadOnlySpan<char> target) => target.Length <= Longest ? target : Hash(target);

    /// <summary>
    /// A URL as it is told to others: as it is, or where its target is long as <c>#authority/hash</c>. Builds that do not know that cannot read it, which to them names everything.
    /// </summary>
    public static string Brief(string url)
    {
        ArgumentNullException.ThrowIfNull(url);
        return url.Length > Longest && TryParse(url, out var name) && name.Target.Length > Longest ? $"{Hashed}{name.Authority}/{Hash(name.Target).AsSpan(1)}" : url;
    }

    /// <summary>What marks of a URL are kept under; false when <paramref name="text"/> is neither what <see cref="TryParse"/> takes nor what <see cref="Brief"/> gives.</summary>
    public static bool TryParseUrl(string text, out TargetName name)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.StartsWith(Hashed))
        {
            var end = text.Length - HashLength;
            var isHash = end > 1 && text[end - 1] == '/' && Base64Url.IsValid(text.AsSpan(end));
            name = isHash ? new TargetName(text[1..(end - 1)], $"{Hashed}{text.AsSpan(end)}") : default;
            return isHash;
        }

        if (!TryParse(text, out name))
        {
            return false;
        }

        name = name.Target.Length <= Longest ? name : name with { Target = Hash(name.Target) };
        return true;
    }

    /// <summary>
    /// False when <paramref name="text"/> is neither an absolute http or https URL nor starts with "/": it names nothing that can be
    /// stored.
    /// </summary>
    public static bool TryParse(string text, out TargetName name)
    {
        ArgumentNullException.ThrowIfNull(text);
        var fragment = text.IndexOf('#', StringComparison.Ordinal);
        var rest = fragment < 0 ? text.AsSpan() : text.AsSpan(0, fragment);
        if (rest.StartsWith("/"))
        {
            name = new TargetName("", rest.ToString());
            return true;
        }

        var scheme = rest.IndexOf("://");
        var schemeName = scheme < 0 ? "" : rest[..scheme].ToString().ToLowerInvariant();
        if (schemeName is not ("http" or "https"))
        {
            name = default;
            return false;
        }

        rest = rest[(scheme + 3)..];
        var end = rest.IndexOfAny('/', '?');
        var authority = end < 0 ? rest : rest[..end];
        var target = end < 0 ? "/" : rest[end] == '?' ? $"/{rest[end..]}" : rest[end..].ToString();
        var normal = RequestTarget.NormaliseAuthority(authority.ToString(), schemeName);
        name = new TargetName(normal ?? "", target);
        return normal is not null;
    }

    private static string Hash(ReadOnlySpan<char> target)
    {
        // Asked of stored responses again after every invalidation, where it should leave nothing behind but the name.
        var length = Encoding.UTF8.GetByteCount(target);
        var bytes = length <= MostOnStack ? stackalloc byte[length] : new byte[length];
        Encoding.UTF8.GetBytes(target, bytes);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        Span<char> text = stackalloc char[1 + HashLength];
        text[0] = Hashed;
        Base64Url.EncodeToChars(hash, text[1..]);
        return new string(text);
    }
}
