using System.Runtime.InteropServices;

namespace CacheGateway.Cli;

/// <summary>The first signal to end begins the drain; whoever sends a second one wants the process gone now.</summary>
internal static class SecondSignal
{
    /// <summary>What a shell reports of a process that SIGTERM ended.</summary>
    private const int ExitCode = 128 + 15;

    /// <param name="begin">What the first one does: the host's own handlers, which begin the drain as well, are there only when it has started.</param>
    public static IDisposable EndsTheProcess(Action begin)
    {
        var signals = 0;
        void Count(PosixSignalContext context)
        {
            context.Cancel = true;
            if (Interlocked.Increment(ref signals) > 1)
            {
                Environment.Exit(ExitCode);
            }

            begin();
        }

        return new Registrations(PosixSignalRegistration.Create(PosixSignal.SIGTERM, Count), PosixSignalRegistration.Create(PosixSignal.SIGINT, Count));
    }

    private sealed record Registrations(IDisposable Term, IDisposable Interrupt) : IDisposable
    {
        public void Dispose()
        {
            Term.Dispose();
            Interrupt.Dispose();
        }
    }
}
