namespace CacheGateway.FunctionalTests.Documentation;

/// <summary>Group C of docs/attacks.md.</summary>
internal static class PrivacyAttacks
{
    public static AttackRow[] Rows { get; } =
    [
        new("C01", "A private page under a static name", "/account/x.css is cached for its extension", "No rule looks at extensions; what the origin says and who asked decide"),
        new("C02", "Delimiters that end a path for the origin alone", "/account;x.css, /account%23x.css", "The same"),
        new("C03", "Path traversal into a cached folder", "/static/..%2faccount falls under the folder's policy", "Paths with dot segments, plain or encoded, are forwarded uncached"),
        new("C04", "Well-known file names", "The same with /robots.txt", "The same"),
        new("C05", "An answer to Authorization served to others", "Alice's answer for Bob", "Only with public, s-maxage or an identity rule"),
        new("C06", "A stored Set-Cookie", "One session for everybody", "Not stored, unless a policy strips the field"),
        new("C08", "A personal answer shared with those who waited", "Requests for one cold key at once", "Shared only after it was judged storable for each"),
        new("C09", "Private answers in the shared tier", "Another node serves them", "They leave no trace in Redis"),
        new("C10", "Secrets in URLs", "Signed URLs and tokens end in the cache, in lists, logs and metrics", "What names a secret passes uncached (`query.secret`); no URL is a label; lists show queries without their values"),
        new("C11", "Credentials in other places", "Several Cookie lines, other schemes, empty values", "All are credentials"),
        new("C12", "A 304 that gives a stored answer to another", "A condition of one client revalidates the answer of another", "A client's conditions are answered here and never choose what is stored"),
    ];
}
