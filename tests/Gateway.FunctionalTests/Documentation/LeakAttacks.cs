namespace CacheGateway.FunctionalTests.Documentation;

/// <summary>Group H of docs/attacks.md.</summary>
internal static class LeakAttacks
{
    public static AttackRow[] Rows { get; } =
    [
        new("H01", "Asking what others asked for", "only-if-cached, Age and Cache-Status tell who read what", "Nothing is told of another's answer; that a public page is stored can be seen, see docs/security.md"),
        new("H02", "Buffers of one answer in another", "A pooled buffer is used twice", "Every byte compared over mixed sizes and clients that leave"),
        new("H03", "What fields and errors say about the inside", "Addresses, stacks, names of servers", "Problems in a few plain words"),
        new("H04", "TRACE that shows what must stay hidden", "The request comes back as a body", "405; Max-Forwards of OPTIONS is counted down"),
        new("H05", "State of one request in the next of its connection", "Fields left over", "None are"),
    ];
}
