using System.Security.Cryptography;
using System.Text;

namespace CacheGateway.Storage.Redis;

/// <summary>
/// The Redis key of a primary cache key:
/// <code>
/// {deployment}:r1:{start of the path, for people}:{SHA-256 of the whole key}
/// </code>
/// "r1" is the version of the layout: another one has keys of its own, so that old and new gateways share a Redis without undoing each
/// other's work. The hash stands in braces and alone decides the slot of a Cluster.
/// </summary>
internal sealed class EntryName(string deploymentId)
{
    private const int Readable = 48;
    private readonly string _prefix = $"{deploymentId}:r1:";

    public string Of(string key, string target)
    {
        Span<char> readable = stackalloc char[Math.Min(target.Length, Readable)];
        for (var i = 0; i < readable.Length; i++)
        {
            readable[i] = char.IsAsciiLetterOrDigit(target[i]) || target[i] is '/' or '.' or '-' or '_' ? target[i] : target[i] == '?' ? '?' : '~';
            if (readable[i] == '?')
            {
                // A query may hold anything, secrets too.
                readable = readable[..i];
                break;
            }
        }

        return $"{_prefix}{readable}:{{{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}}}";
    }
}
