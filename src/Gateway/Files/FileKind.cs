using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace CacheGateway.Files;

/// <summary>
/// Tells what is no regular file before it is opened: to open a pipe waits until somebody writes to it, which may be never. Asked of the system itself, as the framework
/// does not say. Elsewhere than on Linux, and where the system does not answer, everything passes for a file.
/// </summary>
internal static class FileKind
{
    private const int CurrentFolder = -100;
    private const uint TypeAlone = 1;

    /// <summary>Size of statx's answer, and where the mode is in it: the same on every processor.</summary>
    private const int Facts = 256;
    private const int Mode = 28;

    /// <summary>What is there, where that is something else than a file; null for a file and for nothing at all.</summary>
    public static string? Other(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        var facts = new byte[Facts];
        try
        {
            if (NativeMethods.StatX(CurrentFolder, Encoding.UTF8.GetBytes(path + '\0'), 0, TypeAlone, facts) != 0)
            {
                return null;
            }
        }
        catch (Exception unknown) when (unknown is EntryPointNotFoundException or DllNotFoundException)
        {
            return null;
        }

        return (BinaryPrimitives.ReadUInt16LittleEndian(facts.AsSpan(Mode)) & 0xF000) switch
        {
            0x1000 => "a pipe",
            0x2000 or 0x6000 => "a device",
            0x4000 => "a folder",
            0xC000 => "a socket",
            _ => null,
        };
    }

    private static class NativeMethods
    {
        [DllImport("libc", EntryPoint = "statx")]
        public static extern int StatX(int folder, byte[] path, int flags, uint mask, byte[] facts);
    }
}
