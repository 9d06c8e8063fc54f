using System.Security.Cryptography;
using System.Text.RegularExpressions;
using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>
/// What a content coding changes about a response (RFC 9110 8.4): it is another representation, so it has another entity tag (8.8.3.3), and all of
/// them vary on Accept-Encoding (12.5.5).
/// </summary>
public static partial class CodedRepresentation
{
    /// <summary>Smaller bodies gain nothing.</summary>
    public const long MinBytes = 1024;

    /// <summary>Larger ones would cost more time than a fetch should.</summary>
    public const long MaxBytes = 8 * 1024 * 1024;

    private static readonly string[] TextTypes =
        ["application/json", "application/javascript", "application/xml", "application/xhtml+xml", "application/problem+json", "image/svg+xml"];

    /// <summary>Whether a response may be stored in codings made here: text, not coded already, and no-transform does not forbid it (RFC 9111 5.2.2.6).</summary>
    public static bool IsCompressible(int status, HeaderField[] headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        var isText = false;
        foreach (var field in headers)
        {
            if (field.Is("Content-Encoding") || ForbidsCoding(field))
            {
                return false;
            }

            isText |= field.Is("Content-Type") && IsTextType(field.Value);
        }

        return status == 200 && isText;
    }

    /// <summary>
    /// no-transform, in Cache-Control or a field by which it is said to some caches alone (RFC 9213): those that this gateway reads are settings, and what is said to another forbids no less.
    /// </summary>
    public static bool ForbidsCoding(HeaderField field) =>
        field.Name.EndsWith("-Control", StringComparison.OrdinalIgnoreCase) && field.Value.Contains("no-transform", StringComparison.OrdinalIgnoreCase);

    /// <summary>The fields with Accept-Encoding in Vary.</summary>
    public static HeaderField[] WithVary(HeaderField[] headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        var varies = Array.Exists(headers, static field => field.Is("Vary")
            && field.Value.Split(',', StringSplitOptions.TrimEntries).Any(static name => name is "*" || name.Equals("Accept-Encoding", StringComparison.OrdinalIgnoreCase)));
        return varies ? headers : [.. headers, new HeaderField("Vary", "Accept-Encoding")];
    }

    /// <summary>The fields of the same response in <paramref name="coding"/>.</summary>
    public static HeaderField[] HeadersFor(HeaderField[] identity, string coding, string? etag)
    {
        var fields = Array.FindAll(identity, field => !field.Is("Content-Length") && !field.Is("Content-MD5") && !field.Is("ETag") && !field.Is("Content-Digest") && !field.Is("Repr-Digest") && !field.Is("Digest"));
        return etag is null
            ? [.. fields, new HeaderField("Content-Encoding", coding)]
            : [.. fields, new HeaderField("Content-Encoding", coding), new HeaderField("ETag", etag)];
    }

    /// <summary>
    /// The tag of a coding: that of the identity with the coding's name and a digest of its bytes inside the quotes, such as <c>"v1-gzip.3f9a01c2"</c>. Encoders of
    /// another version make other bytes of the same body, and parts of both must not be joined to one.
    /// </summary>
    public static string? ETagFor(string? identity, string coding, string digest) =>
        identity is not null && identity.EndsWith('"') ? $"{identity[..^1]}-{coding}.{digest}\"" : null;

    /// <summary>The first eight hex digits of SHA-256.</summary>
    public static string DigestOf(ReadOnlySpan<byte> coded) => Convert.ToHexStringLower(SHA256.HashData(coded).AsSpan(0, 4));

    /// <summary>If-Match or If-None-Match with the tags of codings made here as the origin gave them: it knows no others.</summary>
    public static string WithOriginTags(string condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return OwnTag().Replace(condition, "\"");
    }

    [GeneratedRegex("-(gzip|br)\\.[0-9a-f]{8}\"")]
    private static partial Regex OwnTag();

    private static bool IsTextType(string contentType)
    {
        var semicolon = contentType.IndexOf(';', StringComparison.Ordinal);
        var type = (semicolon < 0 ? contentType : contentType[..semicolon]).Trim();
        return type.StartsWith("text/", StringComparison.OrdinalIgnoreCase)
            || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase)
            || type.EndsWith("+xml", StringComparison.OrdinalIgnoreCase)
            || TextTypes.Contains(type, StringComparer.OrdinalIgnoreCase);
    }
}
