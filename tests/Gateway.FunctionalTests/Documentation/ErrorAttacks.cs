namespace CacheGateway.FunctionalTests.Documentation;

/// <summary>Group B of docs/attacks.md.</summary>
internal static class ErrorAttacks
{
    public static AttackRow[] Rows { get; } =
    [
        new("B01", "Header sections larger than the origin takes", "The origin's 400 or 431 is stored", "Errors are not stored; `--max-headers` puts the limit here"),
        new("B02", "Control characters that only the origin refuses", "The origin's 400 is stored", "400 here"),
        new("B04", "A transfer coding that only the origin refuses", "The origin's 501 is stored", "400 here"),
        new("B05", "A range that makes the origin refuse", "The origin's 416 is stored", "416 is not stored"),
        new("B06", "Negotiation that makes the origin refuse", "406 or 415 by Accept fields, or a Content-Type on a GET", "Not stored; Content-Type without content is not forwarded"),
        new("B08", "Expect, Upgrade and Max-Forwards", "Fields that ask for a refusal", "417 here for what nobody can meet; refusals are not stored"),
        new("B09", "Names and targets that only the origin refuses", "Illegal names, targets too long", "400 and 414 here"),
        new("B10", "Bad credentials", "401 or 403 is stored for those without any", "Never stored"),
    ];
}
