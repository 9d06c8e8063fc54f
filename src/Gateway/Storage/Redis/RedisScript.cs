using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace CacheGateway.Storage.Redis;

/// <summary>A Lua script by its text and the hash that names it in the server's script cache.</summary>
internal sealed class RedisScript
{
    [SuppressMessage("Security", "CA5350", Justification = "EVALSHA names scripts by their SHA-1; it protects nothing.")]
    public RedisScript(string name, string text)
    {
        Name = name;
        Text = text;
        Hash = SHA1.HashData(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>A label of the calls' metric.</summary>
    public string Name { get; }

    public string Text { get; }

    public byte[] Hash { get; }
}
