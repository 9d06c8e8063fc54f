using System.Buffers;
using System.IO.Compression;
using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Pipeline;

/// <summary>
/// Stores a response in br and gzip beside its identity, once, when it is stored; and picks the one a client accepts. The origin is always
/// asked for identity under such a policy, so every coding sent here was made here.
/// </summary>
internal static class Compression
{
    private static readonly string[] Codings = ["br", "gzip"];

    /// <summary>The response with its codings, or as it is when it is not worth it.</summary>
    public static StoredResponse Prepare(StoredResponse response, CachePolicy policy)
    {
        if (!policy.Compress || response.StaysAsItIs || response.Partial is not null || response.Body.Length is < CodedRepresentation.MinBytes or > CodedRepresentation.MaxBytes
            || !CodedRepresentation.IsCompressible(response.Status, response.Headers))
        {
            return response;
        }

        // In one piece, however it came: what an encoder makes depends on the pieces that it is given.
        var length = (int)response.Body.Length;
        var whole = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            var coded = new List<CodedResponse>();
            response.Body.CopyTo(whole);
            // Where it was stored before its policy compressed, nobody has said so yet.
            var varied = CodedRepresentation.WithVary(response.Headers) is var headers && ReferenceEquals(headers, response.Headers) ? response : response.As(headers, response.Body, response.ETag);
            foreach (var coding in Codings)
            {
                var body = Encode(whole.AsSpan(0, length), coding, out var digest);
                if (body.Length < response.Body.Length * 9 / 10)
                {
                    coded.Add(new CodedResponse(coding, digest, View(varied, body, coding, digest)));
                }
            }

            return coded.Count == 0 ? response : varied.With([.. coded]);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }

    /// <summary>A refreshed response with the codings that the one before it had, where it may still have any: the body is the same.</summary>
    public static StoredResponse Keep(StoredResponse refreshed, StoredResponse before, CachePolicy policy) =>
        before.Coded.Length == 0 ? refreshed
            : !policy.Compress || !CodedRepresentation.IsCompressible(refreshed.Status, refreshed.Headers) ? refreshed.Uncoded()
            : refreshed.With(Array.ConvertAll(before.Coded, coded => coded with { Response = View(refreshed, coded.Response.Body, coded.Coding, coded.Digest) }));

    /// <summary>The representation for a client; identity where it accepts nothing else that is stored.</summary>
    public static StoredResponse Choose(StoredResponse stored, string? acceptEncoding)
    {
        if (stored.Coded.Length == 0 || acceptEncoding is null)
        {
            return stored;
        }

        var coding = ContentCoding.Choose(acceptEncoding, Array.ConvertAll(stored.Coded, coded => coded.Coding));
        return Array.Find(stored.Coded, coded => coded.Coding == coding)?.Response ?? stored;
    }

    private static StoredResponse View(StoredResponse identity, BodySegments body, string coding, string digest)
    {
        var etag = CodedRepresentation.ETagFor(identity.ETag, coding, digest);
        return identity.As(CodedRepresentation.HeadersFor(identity.Headers, coding, identity.ETagGenerated ? null : etag), body, etag);
    }

    private static BodySegments Encode(ReadOnlySpan<byte> body, string coding, out string digest)
    {
        using var output = new MemoryStream();
        using (Stream encoder = coding == "br" ? new BrotliStream(output, CompressionLevel.Fastest, leaveOpen: true) : new GZipStream(output, CompressionLevel.Optimal, leaveOpen: true))
        {
            encoder.Write(body);
        }

        var coded = output.GetBuffer().AsSpan(0, (int)output.Length);
        digest = CodedRepresentation.DigestOf(coded);
        return BodySegments.Copy(coded);
    }
}
