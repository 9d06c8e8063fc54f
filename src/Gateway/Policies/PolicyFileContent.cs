using System.Security.Cryptography;

namespace CacheGateway.Policies;

/// <summary>What was found at the file's path at one moment: its bytes, or why there are none.</summary>
/// <param name="Mark">Equal for equal content; tells whether anything changed.</param>
/// <param name="Bytes">Null where the file could not be read; one byte more than allowed where it is too large.</param>
/// <param name="Problem">Why not.</param>
internal sealed record PolicyFileContent(string Mark, byte[]? Bytes, string? Problem)
{
    public static PolicyFileContent Read(string path)
    {
        try
        {
            // A writer, a rename or a removal must not fail because it is being read.
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[Math.Min(file.Length, PolicyReader.MaxBytes + 1)];
            var read = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            bytes = bytes[..read];
            return new PolicyFileContent(Convert.ToHexString(SHA256.HashData(bytes)), bytes, null);
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

    private static PolicyFileContent Unreadable(string problem) => new(problem, null, problem);
}
