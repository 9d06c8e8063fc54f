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
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            await using (var file = new FileStream(temporary, options))
            {
                await file.WriteAsync(bytes);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            logger.PopularityNotWritten(exception.Message);
        }
    }
}
