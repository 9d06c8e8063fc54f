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
        if (!policy.Compress || response.Partial is not null || response.Body.Length is < CodedRepresentation.MinBytes or > CodedRepresentation.MaxBytes
            || !CodedRepresentation.IsCompressible(response.Status, response.Headers))
        {
            return response;
        }

        var coded = new List<CodedResponse>();
        foreach (var coding in Codings)
        {
            var body = Encode(response.Body, coding);
            if (body.Length < response.Body.Length * 9 / 10)
            {
                coded.Add(new CodedResponse(coding, View(response, body, coding)));
            }
        }

        return coded.Count == 0 ? response : response.With([.. coded]);
    }

    /// <summary>A refreshed response with the codings that the one before it had: the body is the same.</summary>
    public static StoredResponse Keep(StoredResponse refreshed, StoredResponse before) =>
        before.Coded.Length == 0
            ? refreshed
            : refreshed.With(Array.ConvertAll(before.Coded, coded => coded with { Response = View(refreshed, coded.Response.Body, coded.Coding) }));

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

    private static StoredResponse View(StoredResponse identity, BodySegments body, string coding)
    {
        var etag = CodedRepresentation.ETagFor(identity.ETag, coding);
        return identity.As(CodedRepresentation.HeadersFor(identity.Headers, coding, identity.ETagGenerated ? null : etag), body, etag);
    }

    private static BodySegments Encode(BodySegments body, string coding)
    {
        using var output = new MemoryStream();
        using (Stream encoder = coding == "br" ? new BrotliStream(output, CompressionLevel.Fastest, leaveOpen: true) : new GZipStream(output, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (var i = 0; i < body.Count; i++)
            {
                encoder.Write(body[i]);
            }
        }

        return BodySegments.Copy(output.GetBuffer().AsSpan(0, (int)output.Length));
    }
}
