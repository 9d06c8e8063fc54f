namespace CacheGateway.Cli.PolicyFiles;

/// <summary>A file named on the command line.</summary>
internal static class PolicyFileText
{
    /// <summary>Its bytes; null and a <paramref name="problem"/> where it cannot be read.</summary>
    public static byte[]? TryRead(string path, out string? problem)
    {
        try
        {
            problem = null;
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            problem = Directory.Exists(path) ? $"\"{path}\" is a directory" : File.Exists(path) ? $"cannot read \"{path}\": {exception.Message}" : $"there is no file \"{path}\"";
            return null;
        }
    }
}
