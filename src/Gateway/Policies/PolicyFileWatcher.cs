using CacheGateway.Diagnostics;

namespace CacheGateway.Policies;

/// <summary>Calls when something happens in a file's folder. It may call too often, and may fail to call: whoever is called looks for himself.</summary>
internal sealed class PolicyFileWatcher : IDisposable
{
    private readonly FileSystemWatcher _watcher;

    private PolicyFileWatcher(FileSystemWatcher watcher) => _watcher = watcher;

    /// <summary>Null where the system cannot watch (no more watches left, a file system without them).</summary>
    public static PolicyFileWatcher? TryWatch(string path, Action changed, ILogger logger)
    {
        FileSystemWatcher? watcher = null;
        try
        {
            // The folder, not the file: a rename over the file or a swapped symlink is an event of the folder.
            watcher = new FileSystemWatcher(Path.GetDirectoryName(Path.GetFullPath(path))!);
            watcher.Changed += (_, _) => changed();
            watcher.Created += (_, _) => changed();
            watcher.Deleted += (_, _) => changed();
            watcher.Renamed += (_, _) => changed();
            watcher.Error += (_, _) => changed();
            watcher.EnableRaisingEvents = true;
            return new PolicyFileWatcher(watcher);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            watcher?.Dispose();
            logger.PoliciesNotWatched(path, error.Message);
            return null;
        }
    }

    public void Dispose() => _watcher.Dispose();
}
