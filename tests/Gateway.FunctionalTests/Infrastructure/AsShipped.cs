using System.Runtime.CompilerServices;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>
/// Gateways inside this process run as a process of theirs would: the runtime reads this switch with the first socket, which here may be a test's.
/// </summary>
internal static class AsShipped
{
    [ModuleInitializer]
    internal static void HandleSocketsInline() => Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
}
