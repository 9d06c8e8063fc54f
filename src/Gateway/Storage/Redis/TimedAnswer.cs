using System.Diagnostics.CodeAnalysis;
using System.Text;
using StackExchange.Redis;

namespace CacheGateway.Storage.Redis;

/// <summary>
/// What a script of the tier answers: the key it is about, Redis' time, and something. A connection that lost its place gives the answer to another question, of
/// whatever shape: that is no answer, and no exception either.
/// </summary>
internal static class TimedAnswer
{
    public static bool TryRead(RedisResult? answer, string entry, out long redisNow, [NotNullWhen(true)] out RedisResult? rest)
    {
        (redisNow, rest) = (0, null);
        try
        {
            if (answer is null || (RedisResult[]?)answer is not [{ } about, { } at, { } second] || !Is((byte[]?)about, entry))
            {
                return false;
            }

            (redisNow, rest) = ((long)at, second);
            return redisNow > 0;
        }
        catch (Exception exception) when (ReplyShape.IsOther(exception))
        {
            return false;
        }
    }

    /// <summary>So many values, or null where it is something else.</summary>
    public static RedisValue[]? TryValues(RedisResult rest, int count)
    {
        try
        {
            return (RedisValue[]?)rest is { } values && values.Length == count ? values : null;
        }
        catch (Exception exception) when (ReplyShape.IsOther(exception))
        {
            return null;
        }
    }

    public static string? TextOf(RedisResult rest)
    {
        try
        {
            return (string?)rest;
        }
        catch (Exception exception) when (ReplyShape.IsOther(exception))
        {
            return null;
        }
    }

    private static bool Is(byte[]? about, string entry) => about is not null && (Ascii.Equals(about, entry) || Encoding.UTF8.GetString(about) == entry);
}
