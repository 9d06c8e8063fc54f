namespace CacheGateway.Files;

/// <summary>
/// Tells of every change of a file that may change at any time, once its content stayed the same for a quarter of a second, so that a file in the middle of
/// being written is left alone.
/// </summary>
/// <remarks>
/// Content decides, not names or times: that covers edits in place, renames over, removal and return, and a swapped symlink anywhere in the path, which is how
/// Kubernetes changes what it mounts. A watcher makes it quick where the system has one; polling makes it certain.
/// </remarks>
internal sealed class ChangingFile : IDisposable
{
    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SettleFor = TimeSpan.FromMilliseconds(250);

    private readonly string _path;
    private readonly int _maxBytes;
    private readonly Action<FileContent> _changed;
    private readonly Lock _lock = new();
    private readonly ITimer _poll;
    private readonly ITimer _settle;
    private readonly FileSystemWatcher? _watcher;

    private string _told;
    private string? _candidate;
    private bool _disposed;

    /// <param name="path">The file; it need not be there.</param>
    /// <param name="seen">As it was last read: what is the same is no change.</param>
    /// <param name="maxBytes">See <see cref="FileContent.Read"/>.</param>
    /// <param name="time">Drives polling and settling.</param>
    /// <param name="changed">Called on a thread of the pool with what is there now, one change at a time. It must not throw.</param>
    /// <param name="notWatched">Told why, where the system cannot watch (no more watches left, a file system without them); null = do not watch.</param>
    public ChangingFile(string path, FileContent seen, int maxBytes, TimeProvider time, Action<FileContent> changed, Action<string>? notWatched)
    {
        (_path, _maxBytes, _changed, _told) = (path, maxBytes, changed, seen.Mark);
        _settle = time.CreateTimer(_ => Settle(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _poll = time.CreateTimer(_ => Notice(), null, PollEvery, PollEvery);
        _watcher = notWatched is null ? null : TryWatch(notWatched);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
        }

        _watcher?.Dispose();
        _poll.Dispose();
        _settle.Dispose();
    }

    /// <summary>It may call too often, and may fail to call: whoever is called looks for himself.</summary>
    private FileSystemWatcher? TryWatch(Action<string> notWatched)
    {
        FileSystemWatcher? watcher = null;
        try
        {
            // The folder, not the file: a rename over the file or a swapped symlink is an event of the folder.
            watcher = new FileSystemWatcher(Path.GetDirectoryName(Path.GetFullPath(_path))!);
            watcher.Changed += (_, _) => Notice();
            watcher.Created += (_, _) => Notice();
            watcher.Deleted += (_, _) => Notice();
            watcher.Renamed += (_, _) => Notice();
            watcher.Error += (_, _) => Notice();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            watcher?.Dispose();
            notWatched(error.Message);
            return null;
        }
    }

    /// <summary>Something may have changed: wait until it stays as it is.</summary>
    private void Notice()
    {
        lock (_lock)
        {
            if (_disposed || _candidate is not null)
            {
                return;
            }

            var content = FileContent.Read(_path, _maxBytes);
            if (content.Mark != _told)
            {
                AwaitStillness(content);
            }
        }
    }

    private void Settle()
    {
        FileContent content;
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            content = FileContent.Read(_path, _maxBytes);
            if (content.Mark != _candidate)
            {
                AwaitStillness(content);
                return;
            }

            if (content.Mark == _told)
            {
                _candidate = null;
                return;
            }

            _told = content.Mark;
        }

        // With a candidate nothing else is noticed: whoever is told of this change is not told of another meanwhile.
        _changed(content);
        lock (_lock)
        {
            _candidate = null;
        }

        Notice();
    }

    private void AwaitStillness(FileContent content)
    {
        _candidate = content.Mark;
        _settle.Change(SettleFor, Timeout.InfiniteTimeSpan);
    }
}
