namespace CacheGateway.FunctionalTests.Documentation;

/// <summary>Group E of docs/attacks.md.</summary>
internal static class ExhaustionAttacks
{
    public static AttackRow[] Rows { get; } =
    [
        new("E01", "Heads that drip in", "Many connections with half a head", "Cut off after the time for heads; others are served"),
        new("E02", "Bodies that drip in, readers that drip out", "A byte now and then", "Least rates for both; a reader holds a reference to the stored body, no copy"),
        new("E03", "Floods of HTTP/2 frames", "Streams reset at once, pings, settings, header sections without an end", "The connection is closed or borne; others are served, the origin gets no more than one connection may have under way"),
        new("E04", "A flood of keys asked for once", "It drives the hot set out of memory", "Admission by frequency: the hot set stays"),
        new("E05", "Bodies without end", "Answers or requests that never finish", "Passed on within a window; nothing of it is kept"),
        new("E06", "Bodies that inflate", "A small gzip that becomes gigabytes", "Coded bodies are never inflated"),
        new("E08", "Stampedes", "A hot key runs out under load", "One fetch a key and node"),
        new("E09", "Lifetimes that end together", "Everything warmed at once runs out at once", "Lifetimes can be spread (`jitter`)"),
        new("E10", "Strings that collide in tables", "Chosen names make one bucket", "Tables of outside names hash with a random seed"),
        new("E12", "A leader that leaves or dawdles", "Those who wait for its fetch hang with it", "A fetch is its own task; waits have limits"),
        new("E13", "Header bombs", "Megabytes of fields, of either side", "431 to clients, 502 for the origin's"),
        new("E14", "Floods of pipelined requests", "Ten thousand at once", "Answered in order, read one at a time"),
        new("E16", "A destination that leads back", "Requests go round for ever", "508 at the first return"),
        new("E17", "Names without end in metrics", "A label for each path", "Labels are small closed sets"),
        new("E18", "Faults without end in metrics", "A label for each refused message", "Counted by kind"),
        new("E19", "Variants without end", "Vary on a field of the attacker's choice", "A few variants a URL, the oldest go"),
    ];
}
