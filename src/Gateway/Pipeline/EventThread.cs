namespace CacheGateway.Pipeline;

/// <summary>
/// The threads that the runtime's socket engine waits for events on. Where continuations run on them (<c>InlineScheduling</c>), whoever is about to do more
/// than answer from memory leaves first, by <see cref="Task.Yield"/>: while one of these threads is busy, every connection that it watches waits.
/// </summary>
internal static class EventThread
{
    /// <summary>Answers that one connection is given before others are looked at: some tenths of a millisecond.</summary>
    public const int MostInTurn = 32;

    [ThreadStatic]
    private static object? _connection;

    [ThreadStatic]
    private static int _answers;

    /// <summary>Whether this thread may be one: everything else that handles requests is of the thread pool.</summary>
    public static bool IsCurrent => !Thread.CurrentThread.IsThreadPoolThread;

    /// <summary>
    /// Whether one more request of <paramref name="connection"/> may be answered here. Who sends many at once has a turn of some, then others have theirs.
    /// </summary>
    /// <param name="connection">Anything that stays the same from one request of a connection to its next; it is kept until another connection asks.</param>
    public static bool HasTurn(object connection)
    {
        if (!ReferenceEquals(_connection, connection))
        {
            _connection = connection;
            _answers = 0;
        }

        return ++_answers % MostInTurn != 0;
    }
}
