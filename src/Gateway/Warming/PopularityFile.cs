using CacheGateway.Diagnostics;

namespace CacheGateway.Warming;

/// <summary>A file for its owner alone (URLs may tell more than they should), replaced whole.</summary>
internal sealed class PopularityFile(string path, ILogger<PopularityFile> logger) : IPopularityStore
{
    private const long Largest = 4 * 1024 * 1024;

    public async Task<byte[]?> ReadAsync()
    {
        var file = new FileInfo(path);
        return !file.Exists || file.Length > Largest ? null : await File.ReadAllBytesAsync(path);
    }

    public async Task WriteAsync(byte[] bytes)
    {
        var temporary = path + ".tmp";
        try
        {
            // Where a process was killed while it wrote, one lies there, with whatever rights.
            File.Delete(temporary);
            await WriteAsync(temporary, bytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            logger.PopularityNotWritten(exception.Message);
        }
    }

    private async Task WriteAsync(string temporary, byte[] bytes)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            await using (var file = new FileStream(temporary, options))
            {
                await file.WriteAsync(bytes);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            // On a full disk it would keep the room that is missing.
            File.Delete(temporary);
            throw;
        }
    }
}
