using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;

namespace CacheGateway.Invalidation.Redis;

/// <summary>
/// Names this process among all gateways: <c>MACHINE/PID/RANDOM</c>. Two gateways that were given one <c>--node</c> name stay two, or one would
/// answer for the other.
/// </summary>
internal static class NodeInstance
{
    public static readonly string Prefix = Environment.MachineName.Replace('/', '_');

    public static string New() => $"{Prefix}/{Environment.ProcessId}/{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";

    /// <summary>
    /// Whether <paramref name="instance"/> was a process of this machine that is gone: a gateway that was killed and started again need not wait
    /// for itself. A process of the same id that lives is one that got the number again; if it is a gateway, it registers anew within half a second.
    /// </summary>
    public static bool IsGone(string instance, string own)
    {
        var parts = instance.Split('/');
        if (instance == own || parts.Length != 3 || parts[0] != Prefix || !int.TryParse(parts[1], out var id))
        {
            return false;
        }

        if (id == Environment.ProcessId)
        {
            // Several gateways in one process, as tests have them, know each other's ids.
            return !Own.ContainsKey(instance);
        }

        try
        {
            using var process = Process.GetProcessById(id);
            return process.HasExited;
        }
        catch (ArgumentException)
        {
            return true;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    /// <summary>The instances of this process.</summary>
    public static System.Collections.Concurrent.ConcurrentDictionary<string, bool> Own { get; } = new(StringComparer.Ordinal);
}
