namespace CacheGateway.Framing;

/// <summary>Why a message is refused on its bytes; what two readers could take for two things.</summary>
internal enum FramingFault
{
    None,

    /// <summary>A line feed without a carriage return, or the other way round (RFC 9112 2.2).</summary>
    LineEnd,

    /// <summary>A control character (RFC 9110 5.5).</summary>
    ControlCharacter,

    /// <summary>Not exactly "method SP target SP version" (RFC 9112 3).</summary>
    RequestLine,

    /// <summary>A line that goes on with the one before it (RFC 9112 5.2).</summary>
    Folded,

    /// <summary>A name that is no token, or not followed at once by its colon (RFC 9112 5.1).</summary>
    FieldName,

    /// <summary>Content-Length that is no plain number, stands more than once, or is a list (RFC 9112 6.3).</summary>
    ContentLength,

    /// <summary>Transfer-Encoding other than one "chunked", or of HTTP/1.0 (RFC 9112 6.1).</summary>
    TransferEncoding,

    /// <summary>Both of them.</summary>
    TwoFramings,

    /// <summary>More than one Host (RFC 9112 3.2), or an empty one.</summary>
    Host,

    /// <summary>A chunk's size that is none, or larger than any chunk that is sent.</summary>
    ChunkSize,

    /// <summary>A chunk extension outside of its grammar (RFC 9112 7.1.1), or more of them than anybody sends.</summary>
    ChunkExtension,

    /// <summary>A chunk's data that is not followed by CRLF.</summary>
    ChunkEnd,

    /// <summary>A field that must not stand in a trailer section (RFC 9110 6.5.1).</summary>
    Trailer,

    /// <summary>The guard and the server do not agree where a head ends. No known bytes cause it.</summary>
    Disagreement,
}
