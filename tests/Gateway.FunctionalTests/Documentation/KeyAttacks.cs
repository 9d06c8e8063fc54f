namespace CacheGateway.FunctionalTests.Documentation;

/// <summary>Group A of docs/attacks.md.</summary>
internal static class KeyAttacks
{
    public static AttackRow[] Rows { get; } =
    [
        new("A01", "X-Forwarded-Host, unkeyed", "The origin builds links from a field that no key holds", "The field is overwritten with what the gateway saw"),
        new("A02", "X-Forwarded-Proto and -Scheme, unkeyed", "The origin redirects to https what claims to be http, for everybody", "-Proto is overwritten, -Scheme and -SSL are dropped"),
        new("A03", "Further fields that frameworks trust", "Forwarded, X-Forwarded-*, X-Real-IP, X-Host, method overrides and their kin choose the answer", "Dropped where answers are shared, unless a policy keys them"),
        new("A04", "X-Original-URL and X-Rewrite-URL", "The framework routes by a field, the cache stores by the URL", "Dropped in the same way"),
        new("A05", "Host in other spellings", "Ports, dots, capitals or nonsense make a second entry, or another page under a victim's key", "One form for each authority; nonsense is 400, a host not served here 421"),
        new("A06", "Two authorities in one request", "Host twice, or another authority in the target", "400 and the connection closes"),
        new("A08", "An ignored parameter that the origin reflects", "utm_... is left out of the key and still forwarded", "What is not keyed is not forwarded"),
        new("A09", "Parameters behind a semicolon", "The origin also splits at ';', the cache does not", "A parameter is what stands between '&', and goes or stays whole"),
        new("A10", "Parameters twice, encoded or empty", "Two readers disagree which value counts", "Two targets share an entry exactly if the origin sees the same bytes"),
        new("A12", "GET with a body", "The body changes the answer, the key does not know", "A read with content is neither looked up, stored nor collapsed"),
        new("A13", "GET with a chunked body, methods in fields", "The same, with framing or X-HTTP-Method-Override", "The same, and override fields are dropped"),
        new("A14", "HEAD stored for GET", "An empty body is served to those who want the page", "Only a GET is stored; HEAD is answered from it"),
        new("A15", "Variants that collide", "Field values arranged so that two variants look alike", "Values are compared one by one, whole"),
        new("A16", "Hashes that collide", "Two URLs with one hash", "The whole key is stored and compared at every read"),
        new("A17", "An encoded slash, once and twice", "%2F and %252F decode to the same path", "Keys and targets are bytes as sent; nothing is decoded"),
        new("A18", "Paths that normalise to others", "Dot segments, doubled and back slashes", "What origins are known to normalise is not cached, and goes by the path that its route was chosen by"),
        new("A20", "A fragment in the target", "One side cuts it off, the other does not", "400"),
        new("A21", "Bytes that decode to the same character", "Overlong or invalid UTF-8 collapses into one replacement character", "Bytes stay bytes in key and target"),
        new("A22", "An allowed origin stored for others", "Access-Control-Allow-Origin names the attacker, without Vary", "A named origin counts as Vary: Origin"),
        new("A24", "Codings that a client refuses", "A stored br body for a client without br", "Only what Accept-Encoding allows is served"),
        new("A25", "Schemes, hosts and routes that share a key", "Two tenants, one path", "Scheme, authority, route and policy are in the key"),
        new("A26", "Methods that look like GET", "gET or QUERY are cached as GET", "Methods are compared as bytes; only GET and HEAD use the cache"),
        new("A28", "Fields that frameworks use inside", "x-nextjs-data, x-middleware-..., Rsc turn a page into something else", "Dropped where answers are shared, unless keyed"),
        new("A29", "Parts that become the whole", "A 206 or 416 is stored as the page", "Only a whole answer is stored as one, asked for or not"),
        new("A30", "Interim fields in the stored answer", "Fields of a 103 are merged into what is stored", "Interim responses pass by and are never stored"),
        new("A32", "Forced revalidation of hot keys", "no-cache on every request turns hits into fetches", "At most one call a key and second, shared by all"),
        new("A33", "A keyed field in several lines", "Lines are joined for the key and not for the origin", "Joined the same way for both"),
        new("A35", "Connection that names a field the gateway vouches for", "The hop-by-hop rule removes X-Forwarded-Host or Host", "Such names are not obeyed"),
        new("A36", "A target that spells out another key", "Separators in the target end a part of the key", "Each part stands behind its own length"),
        new("A37", "Any other field that the origin reflects without Vary", "Only the origin can know that its answer depends on it", "`forwardOnly` sends the origin nothing that is not keyed; otherwise this is the origin's fault and cannot be seen from outside"),
        new("A38", "Cache directives of one client that speak for others", "A request brings max-age, tags or Cache-Status of its own", "Only the origin and the policy decide what is stored"),
        new("A39", "Another port of the same host", "A redirect to the attacker's port under the victim's key", "A port that is not the scheme's own is part of the key"),
        new("A40", "A condition of another policy, missed by its value", "X-Preview: true, where a policy asks for 1, is stored for everybody", "Such a field is keyed or dropped, or its request is not stored"),
    ];
}
