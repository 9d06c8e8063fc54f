using System.Diagnostics;

namespace CacheGateway.Children;

/// <summary>
/// Starts programs that end when this process does, however it ends: a killed test run leaves no servers behind. A small watcher beside the program
/// reads from a pipe of which this process holds the other end; when that is closed, by dying or by disposing of the process, it kills the program,
/// if that still runs. The process id is the program's own.
/// </summary>
internal static class Leash
{
    // The watcher's parent is the shell, which becomes the program. Where the program ended, the watcher has another parent, and kills nobody.
    private const string Script =
        "exec 3<&0; { read -r _ <&3; read -r _ _ _ parent _ </proc/self/stat; [ \"$parent\" = $$ ] && kill -9 $$; } >/dev/null 2>&1 & "
        + "exec \"$0\" \"$@\" 3<&- </dev/null";

    /// <param name="program">On the PATH, or a path.</param>
    /// <param name="arguments">As the program gets them.</param>
    /// <param name="before">What the shell does first, in the same process, such as <c>ulimit -n 256</c>.</param>
    public static ProcessStartInfo Of(string program, IEnumerable<string> arguments, string? before = null) =>
        new("sh", ["-c", before is null ? Script : $"{before} && {{ {Script}; }}", program, .. arguments]) { RedirectStandardInput = true };
}
