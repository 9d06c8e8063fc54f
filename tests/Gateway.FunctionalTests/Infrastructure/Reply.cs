using System.Text;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>What the origin answers: a head, pieces of a body with gates between them, and an ending, each of which may be wrong on purpose.</summary>
internal sealed record Reply
{
    public int Status { get; init; } = 200;

    public string Reason { get; init; } = "Scripted";

    public IReadOnlyList<string> Headers { get; init; } = [];

    public IReadOnlyList<ReplyPiece> Pieces { get; init; } = [];

    public ReplyFraming Framing { get; init; } = ReplyFraming.Length;

    /// <summary>A Content-Length other than the pieces' own.</summary>
    public long? DeclaredLength { get; init; }

    public bool LastChunk { get; init; } = true;

    public IReadOnlyList<string> Trailers { get; init; } = [];

    public ReplyEnding Ending { get; init; } = ReplyEnding.KeepAlive;

    /// <summary>Whether a Date field is added from the test's clock where the headers hold none.</summary>
    public bool Dated { get; init; } = true;

    /// <summary>Sent before the head: interim responses.</summary>
    public string Before { get; init; } = "";

    /// <summary>Exact bytes (Latin-1) instead of everything else but <see cref="Ending"/>.</summary>
    public string? Raw { get; init; }

    public static Reply Ok(string body, params string[] headers) => Of(200, body, headers);

    public static Reply Of(int status, string body, params string[] headers) =>
        new() { Status = status, Pieces = [body], Headers = headers };

    public static Reply Bytes(byte[] body, params string[] headers) => new() { Pieces = [body], Headers = headers };

    public static Reply Chunked(IReadOnlyList<ReplyPiece> pieces, params string[] headers) =>
        new() { Pieces = pieces, Headers = headers, Framing = ReplyFraming.Chunked };

    public static Reply Exactly(string bytes, ReplyEnding ending = ReplyEnding.Close) => new() { Raw = bytes, Ending = ending };

    /// <summary>304 when If-None-Match holds <paramref name="etag"/>, else the whole; the headers stand on both.</summary>
    public static Reply Conditional(OriginRequest request, string etag, string body, params string[] headers)
    {
        string[] all = [$"ETag: {etag}", .. headers];
        var matches = request.Header("If-None-Match")?.Split(',').Any(member => member.Trim() == etag) ?? false;
        return matches ? Of(304, "", all) : Ok(body, all);
    }

    /// <summary>The head's bytes, for a request of <paramref name="method"/> at <paramref name="now"/>.</summary>
    public byte[] Head(string method, DateTimeOffset now)
    {
        var head = new StringBuilder(Before).Append($"HTTP/1.1 {Status} {Reason}\r\n");
        if (Dated && Headers.Joined("Date") is null)
        {
            head.Append($"Date: {now:R}\r\n");
        }

        foreach (var line in Headers)
        {
            head.Append(line).Append("\r\n");
        }

        if (Framing == ReplyFraming.Chunked)
        {
            head.Append("Transfer-Encoding: chunked\r\n");
        }
        else if (Framing == ReplyFraming.Close)
        {
            head.Append("Connection: close\r\n");
        }
        else if (Headers.Joined("Content-Length") is null && (HasBody(method) || method == "HEAD"))
        {
            head.Append($"Content-Length: {DeclaredLength ?? Pieces.Sum(piece => (long)(piece.Bytes?.Length ?? 0))}\r\n");
        }

        return Encoding.Latin1.GetBytes(head.Append("\r\n").ToString());
    }

    public bool HasBody(string method) => method != "HEAD" && Status is not (204 or 304) && Status >= 200;
}
