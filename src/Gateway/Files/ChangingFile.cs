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

    /// <summary>From an event to the look it asks for: the folder may be one where something else is written without end, and each look reads the file.</summary>
    private static readonly TimeSpan LookAfter = TimeSpan.FromMilliseconds(50);

    private readonly string _path;
    private readonly Func<FileContent> _read;
    private readonly Action<FileContent> _changed;
    private readonly ITimer _poll;
    private readonly ITimer _settle;
    private readonly FileSystemWatcher? _watcher;

    /// <summary>Somebody looks; what follows is theirs. To read may take for ever, where what is mounted there does not answer: nobody waits for who looks.</summary>
    private bool _isLooking;

    /// <summary>The next poll is drawn near.</summary>
    private bool _isSoon;
    private string _told;
    private string? _candidate;
    private volatile bool _disposed;

    /// <param name="path">The file; it need not be there.</param>
    /// <param name="read">Reads it.</param>
    /// <param name="seen">As it was last read: what is the same is no change.</param>
    /// <param name="time">Drives polling and settling.</param>
    /// <param name="changed">Called on a thread of the pool with what is there now, one change at a time. It must not throw.</param>
    /// <param name="notWatched">Told why, where the system cannot watch (no more watches left, a file system without them); null = do not watch.</param>
    public ChangingFile(string path, Func<FileContent> read, FileContent seen, TimeProvider time, Action<FileContent> changed, Action<string>? notWatched)
    {
        (_path, _read, _changed, _told) = (path, read, changed, seen.Mark);
        _settle = time.CreateTimer(_ => Look(isStill: true), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _poll = time.CreateTimer(_ => Poll(), null, PollEvery, PollEvery);
        _watcher = notWatched is null ? null : TryWatch(notWatched);
    }

    public void Dispose()
    {
        _disposed = true;
        _watcher?.Dispose();
        _poll.Dispose();
        _settle.Dispose();
    }

    /// <summary>It may call too often, also for other files, and may fail to call: whoever is called looks for himself.</summary>
    private FileSystemWatcher? TryWatch(Action<string> notWatched)
    {
        FileSystemWatcher? watcher = null;
        try
        {
            // The folder, not the file: a rename over the file or a swapped symlink is an event of the folder.
            watcher = new FileSystemWatcher(Path.GetDirectoryName(Path.GetFullPath(_path))!);
            watcher.Changed += (_, _) => PollSoon();
            watcher.Created += (_, _) => PollSoon();
            watcher.Deleted += (_, _) => PollSoon();
            watcher.Renamed += (_, _) => PollSoon();
            watcher.Error += (_, _) => PollSoon();
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

    private void PollSoon()
    {
        if (!Interlocked.Exchange(ref _isSoon, true))
        {
            _poll.Change(LookAfter, PollEvery);
        }
    }

    private void Poll()
    {
        Volatile.Write(ref _isSoon, false);
        Look();
    }

    /// <param name="isStill">The time for a candidate to settle is over; otherwise something may have changed.</param>
    private void Look(bool isStill = false)
    {
        if (Interlocked.Exchange(ref _isLooking, true))
        {
            if (isStill)
            {
                Again();
            }

            return;
        }

        try
        {
            while (!_disposed && (isStill || _candidate is null) && IsTold(isStill))
            {
                isStill = false;
            }
        }
        finally
        {
            Volatile.Write(ref _isLooking, false);
        }
    }

    /// <summary>Reads, and tells of what has stayed as it is; true = it did, and something else may be there by now.</summary>
    private bool IsTold(bool isStill)
    {
        var content = _read();
        if (isStill ? content.Mark != _candidate : content.Mark != _told)
        {
            _candidate = content.Mark;
            Again();
            return false;
        }

        var isNews = isStill && content.Mark != _told && !_disposed;
        if (isNews)
        {
            _told = content.Mark;
            _changed(content);
        }

        _candidate = null;
        return isNews;
    }

    private void Again() => _settle.Change(SettleFor, Timeout.InfiniteTimeSpan);
}
