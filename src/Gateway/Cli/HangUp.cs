using System.Runtime.InteropServices;
using CacheGateway.Diagnostics;

namespace CacheGateway.Cli;

/// <summary>SIGHUP asks many servers to read their files again, and would end this one, which does so by itself.</summary>
internal static class HangUp
{
    /// <param name="logger">Told of each.</param>
    public static IDisposable Ignored(ILogger logger) => PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
    {
        signal.Cancel = true;
        logger.HangUpIgnored();
    });
}
