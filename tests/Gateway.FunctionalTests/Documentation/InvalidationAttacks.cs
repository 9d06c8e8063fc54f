namespace CacheGateway.FunctionalTests.Documentation;

/// <summary>Group F of docs/attacks.md.</summary>
internal static class InvalidationAttacks
{
    public static AttackRow[] Rows { get; } =
    [
        new("F01", "Purging through the public address", "PURGE, BAN, guessed admin paths", "The public address has no such door; the paths are the origin's"),
        new("F02", "The admin address without a right to it", "No token, another site's page in the operator's browser, a name that leads here", "401, 403 or 421; changes are POSTs of JSON, no other site is allowed anything"),
        new("F04", "Patterns in names", "* as a tag takes everything, or costs Redis a scan", "Names are literal; there are no scans"),
        new("F05", "Tags that an origin reflects", "User input becomes a tag", "Ill-formed tags make an answer unstorable; a tag can only cause misses"),
        new("F06", "A signed webhook, sent again", "An old order is repeated", "Its id is remembered, its time must be within five minutes"),
        new("F08", "A body that reads differently once parsed", "The signature fits the bytes, the meaning does not", "Bytes are verified first, then parsed strictly"),
        new("F09", "Floods of webhooks", "Unsigned or huge bodies", "Limits of size and rate before anything is computed"),
        new("F10", "Warming that is led elsewhere", "The gateway is made to fetch from inside the network", "Only what the routes take, by path; anything else is 400 before anything is fetched"),
        new("F12", "Lists that give secrets away", "Keys in lists show tokens of URLs", "Queries are shown without their values, identities not at all"),
        new("F13", "A Location that names another host", "A write here invalidates there", "Same host and port only"),
        new("F14", "Writes that flush a hot page", "A POST a second keeps it cold", "A refused write flushes nothing, of one that is given up it is only asked whether it changed anything; readers share one fetch"),
        new("F15", "Orders without end", "A million tags in one order", "400 or 413"),
        new("F16", "A configuration that attacks its reader", "Doubled members, deep nesting, huge times", "Refused with its place; the table in use stays"),
        new("F17", "A sign-in that leads to another site", "A link to the sign-in carries a foreign address as the way back", "A path of this listener, or the overview"),
        new("F18", "A write that names thousands", "A parameter of `invalidates` is repeated in one line", "400 above 256 values; nothing is forwarded, nothing is cleared"),
    ];
}
