using System.Diagnostics.CodeAnalysis;

namespace CacheGateway.Storage.Redis;

/// <summary>What a call to Redis gave, or why it gave nothing.</summary>
/// <param name="Outcome">How the call ended.</param>
/// <param name="Value">The answer; only where it ended well.</param>
/// <param name="Error">The server's own words where it gave an error; never a key or value of ours.</param>
internal readonly record struct RedisReply<T>(RedisOutcome Outcome, T? Value, string? Error = null)
{
    [MemberNotNullWhen(true, nameof(Value))]
    public bool IsOk => Outcome == RedisOutcome.Ok;
}
