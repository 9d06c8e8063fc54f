using System.Globalization;

namespace CacheGateway.Hosting;

/// <summary>How many connections the file descriptors of this process are enough for.</summary>
internal static class FileLimits
{
    private const string LimitsFile = "/proc/self/limits";

    /// <summary>The runtime's own files (two for each assembly), and Redis.</summary>
    private const long Reserve = 320;

    private const long MostConnections = 20_000;

    private const int LeastConnections = 16;

    /// <summary>Requests to one destination at once: what was asked for, but no more than a quarter of the descriptors.</summary>
    public static int OriginRequests(int wanted, long descriptors) => (int)Math.Min(wanted, Math.Max(1, descriptors / 4));

    /// <summary>Connections of the admin listeners: backends that tell of a thousand changes at once are none too many, and who only holds them leaves clients what they need.</summary>
    public static int AdminConnections(long descriptors) => (int)Math.Clamp(descriptors / 8, LeastConnections, MostConnections);

    /// <summary>Clients' connections: what the reserve and the shares of origin and admin listeners leave.</summary>
    public static int Connections(int originRequests, long descriptors) =>
        (int)Math.Clamp(descriptors - Reserve - OriginRequests(originRequests, descriptors) - AdminConnections(descriptors), LeastConnections, MostConnections);

    /// <summary>Descriptors that this process may have open; a generous number where the system does not say.</summary>
    public static long Descriptors() => File.Exists(LimitsFile) ? Parse(File.ReadAllText(LimitsFile)) : 65_536;

    /// <summary>The soft limit in the text of /proc/PID/limits.</summary>
    internal static long Parse(string limits)
    {
        const string Name = "Max open files";
        var line = limits.Split('\n').FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
        var soft = line?[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 65_536;
    }
}
