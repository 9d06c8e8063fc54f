using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace CacheGateway.Invalidation.Redis;

/// <summary>
/// Names this process among all gateways: <c>MACHINE@NUMBERING/PID/RANDOM</c>. Two gateways that were given one <c>--node</c> name stay two, or one would
/// answer for the other. The numbering is what process ids count in.
/// </summary>
internal static class NodeInstance
{
    /// <summary>Of every gateway whose process ids mean here what they mean to it.</summary>
    public static readonly string Prefix = OperatingSystem.IsLinux()
        ? PrefixOf(Environment.MachineName, Read(() => File.ReadAllText("/proc/sys/kernel/random/boot_id")), Read(() => new FileInfo("/proc/self/ns/pid").LinkTarget))
        : PrefixOf(Environment.MachineName, null, null);

    public static string New() => $"{Prefix}/{Environment.ProcessId}/{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";

    /// <summary>
    /// Two containers may share the name of a host and count processes apart; so do two machines of one name, whose first namespaces have the same number. Where the numbering has no
    /// name (or the system gives none: it is read on Linux alone), it is this process's own, and no other is ever called gone.
    /// </summary>
    /// <param name="machine">The host's name.</param>
    /// <param name="boot">Names one run of its kernel.</param>
    /// <param name="space">Names the namespace of process ids within it.</param>
    public static string PrefixOf(string machine, string? boot, string? space)
    {
        var numbering = string.IsNullOrWhiteSpace(boot) || string.IsNullOrWhiteSpace(space)
            ? RandomNumberGenerator.GetBytes(8)
            : SHA256.HashData(Encoding.UTF8.GetBytes($"{boot.Trim()} {space.Trim()}"))[..8];
        return $"{machine.Replace('/', '_')}@{Convert.ToHexStringLower(numbering)}";
    }

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

    private static string? Read(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The instances of this process.</summary>
    public static System.Collections.Concurrent.ConcurrentDictionary<string, bool> Own { get; } = new(StringComparer.Ordinal);
}
