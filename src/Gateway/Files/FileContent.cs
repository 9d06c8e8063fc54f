using System.Security.Cryptography;

namespace CacheGateway.Files;

/// <summary>What was found at a file's path at one moment: its bytes, or why there are none.</summary>
/// <param name="Mark">Equal for equal content; tells whether anything changed.</param>
/// <param name="Bytes">Null where the file could not be read; one byte more than allowed where it is too large.</param>
/// <param name="Problem">Why not.</param>
internal sealed record FileContent(string Mark, byte[]? Bytes, string? Problem)
{
    /// <param name="path">Any file.</param>
    /// <param name="maxBytes">No more than one byte beyond these is read.</param>
    public static FileContent Read(string path, int maxBytes)
    {
        if (FileKind.Other(path) is { } kind)
        {
            return Unreadable($"is {kind}, not a regular file");
        }

        try
        {
            // A writer, a rename or a removal must not fail because it is being read.
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[Math.Min(file.Length, maxBytes + 1)];
            var read = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            bytes = bytes[..read];
            return new FileContent(Convert.ToHexString(SHA256.HashData(bytes)), bytes, null);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return Unreadable("does not exist");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return Unreadable("cannot be read: " + error.Message);
        }
    }

    private static FileContent Unreadable(string problem) => new(problem, null, problem);
}
