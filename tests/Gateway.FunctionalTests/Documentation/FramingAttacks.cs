namespace CacheGateway.FunctionalTests.Documentation;

/// <summary>Group D of docs/attacks.md.</summary>
internal static class FramingAttacks
{
    public static AttackRow[] Rows { get; } =
    [
        new("D01", "Content-Length and Transfer-Encoding", "Two hops cut the message at two places", "400 and the connection closes"),
        new("D02", "Transfer-Encoding and Content-Length with a request inside", "The same the other way round", "The same"),
        new("D03", "Several Content-Lengths", "The same with two lengths", "The same, even where they are equal"),
        new("D04", "Content-Length in disguise", "+5, 0x5, 05, 5e0, twenty digits", "Digits without a leading zero, or 400"),
        new("D05", "Transfer-Encoding in disguise", "One of forty spellings that one hop takes for chunked", "Exactly one `chunked`, or 400"),
        new("D06", "Chunk extensions with bare line ends", "A line feed inside an extension begins a hidden chunk", "Extensions by their grammar, or 400"),
        new("D07", "Chunk ends that are none", "Data that is not followed by its line end", "400"),
        new("D08", "Chunk sizes that overflow or are none", "Sizes beyond 64 bits, signs, prefixes, spaces", "Up to 15 hexadecimal digits and 2 GiB, or 400; never 500"),
        new("D09", "Line ends of one character", "A bare CR or LF ends a line for one hop", "400"),
        new("D10", "Folded lines and stray spaces", "Folding, a space before the colon or in the request line", "400"),
        new("D11", "Connection that names what frames the message", "A nominated Content-Length is dropped", "Such names are not obeyed"),
        new("D12", "Bytes behind an upgrade that nobody accepted", "They are tunnelled to the origin before it agreed", "They are the next request, and judged as one"),
        new("D13", "Versions that frame differently", "Chunked in HTTP/1.0, HTTP/0.9, 1.2, 2.0", "400 or 505"),
        new("D14", "Bodies where none are expected", "The body of a GET, HEAD or OPTIONS is read as a request", "It is a body, whatever the cache holds"),
        new("D15", "HTTP/2 that becomes something else as HTTP/1.1", "Line ends, spaces, framing fields and false lengths in HTTP/2 fields are written into an HTTP/1.1 request", "The stream is reset or refused; nothing reaches the origin"),
        new("D16", "Connection kept after a refusal", "What follows a refused request is read as one", "Every refusal ends the connection, after the answers before it"),
        new("D17", "An origin's answer with an ambiguous end", "Two lengths, unknown codings, broken status lines", "502, nothing is stored, the connection to the origin is given up"),
        new("D18", "Line ends that an encoding hides", "%0d%0a comes back decoded in a field", "Nothing is decoded on the way to a field"),
        new("D19", "Requests inside what goes to an HTTP/2 origin", "A body that spells frames", "It is a body"),
        new("D20", "Trailers that pose as fields", "Content-Length, Host or Cache-Control behind the body", "400 in requests; without effect in answers"),
        new("D21", "Field names that alias others", "X_Forwarded_Host, names of 64 KiB", "Aliases of what the gateway vouches for are dropped; long names are 431"),
        new("D22", "Field names that are no tokens", "Characters that one hop strips", "400"),
        new("D23", "A body that is announced and never comes", "The next request is taken for it, or the other way round", "It is not"),
        new("D24", "An origin that answers twice", "The second answer waits for the next request of the connection", "A connection with bytes left over is not used again"),
        new("D25", "Control characters in an origin's fields", "NUL and others pass to clients", "502"),
        new("D26", "Holes of the runtime beneath", "The server that reads the bytes has a published flaw", "One warning at the start and in /healthz when the runtime is older than `security:minimumRuntime`"),
        new("D27", "A client that leaves before its body is read", "The server takes the body for the next request, and does what is asked in it; or looks at it for ever", "The bytes of a body begin no request, and the connection ends"),
    ];
}
