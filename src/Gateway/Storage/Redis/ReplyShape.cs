using StackExchange.Redis;

namespace CacheGateway.Storage.Redis;

/// <summary>
/// Takes replies of Redis apart. A connection that lost its place gives the answer to another question, of whatever shape: that is no answer, and no
/// exception either.
/// </summary>
internal static class ReplyShape
{
    /// <summary>What <paramref name="read"/> makes of it; null where it is of another shape.</summary>
    public static T? TryRead<T>(RedisResult? reply, Func<RedisResult, T?> read)
        where T : class
    {
        try
        {
            return reply is null ? null : read(reply);
        }
        catch (Exception exception) when (IsOther(exception))
        {
            return null;
        }
    }

    /// <summary>What casting, counting and parsing throw at something else than they expect: nothing in it, too little, no number, no list.</summary>
    public static bool IsOther(Exception exception) =>
        exception is InvalidCastException or FormatException or OverflowException or IndexOutOfRangeException or NullReferenceException or ArgumentException;
}
