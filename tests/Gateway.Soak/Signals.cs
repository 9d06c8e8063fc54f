using System.Diagnostics;
using System.Globalization;

namespace CacheGateway.Soak;

/// <summary>Signals to processes that this run started.</summary>
internal static class Signals
{
    public static void Send(string name, int process)
    {
        using var kill = Process.Start("kill", [$"-{name}", process.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
