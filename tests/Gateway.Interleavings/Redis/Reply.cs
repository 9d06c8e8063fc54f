using System.Globalization;
using System.Linq.Expressions;
using System.Reflection;
using System.Text;
using StackExchange.Redis;

namespace CacheGateway.Interleavings.Redis;

/// <summary>What a server answered, before the client library has it.</summary>
internal abstract record Reply
{
    public static readonly Reply Nil = new Bulk(null);

    public static Reply Text(string text) => new Bulk(Encoding.UTF8.GetBytes(text));

    public static Reply Of(byte[]? bytes) => new Bulk(bytes);

    public static Reply Of(params Reply[] parts) => new Many(parts);

    /// <summary>As the product gets it.</summary>
    public abstract RedisResult ToResult();

    /// <summary>To compare and to print: binary as a hash.</summary>
    public abstract string Describe();

    internal sealed record Number(long Value) : Reply
    {
        public override RedisResult ToResult() => Results.Single(Value);

        public override string Describe() => ":" + Value.ToString(CultureInfo.InvariantCulture);
    }

    internal sealed record Bulk(byte[]? Bytes) : Reply
    {
        public override RedisResult ToResult() => Results.Single(Bytes);

        public override string Describe() => Bytes is null ? "nil"
            : Array.TrueForAll(Bytes, one => one is >= 32 and < 127) ? Encoding.ASCII.GetString(Bytes)
            : "#" + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(Bytes))[..16];
    }

    internal sealed record Many(Reply[] Parts) : Reply
    {
        public override RedisResult ToResult() => Results.Array(System.Array.ConvertAll(Parts, part => part.ToResult()));

        public override string Describe() => $"[{string.Join(", ", Parts.Select(part => part.Describe()))}]";
    }

    internal sealed record Error(string Message) : Reply
    {
        public override RedisResult ToResult() => throw new InvalidOperationException("An error is an outcome, not a result.");

        public override string Describe() => "error " + Message;
    }

    /// <summary>StackExchange.Redis 1.2.6 makes results for itself alone; its constructors are reached by their names.</summary>
    private static class Results
    {
        public static readonly Func<RedisValue, RedisResult> Single = Constructor<RedisValue>("SingleRedisResult");
        public static readonly Func<RedisResult[], RedisResult> Array = Constructor<RedisResult[]>("ArrayRedisResult");

        private static Func<T, RedisResult> Constructor<T>(string name)
        {
            var type = typeof(RedisResult).GetNestedType(name, BindingFlags.NonPublic)
                ?? throw new NotSupportedException($"This StackExchange.Redis has no RedisResult.{name}.");
            var argument = Expression.Parameter(typeof(T));
            return Expression.Lambda<Func<T, RedisResult>>(Expression.New(
                type.GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, [typeof(T)])!, argument), argument).Compile();
        }
    }
}
