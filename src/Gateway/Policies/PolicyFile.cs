using CacheGateway.Diagnostics;

namespace CacheGateway.Policies;

/// <summary>
/// The policies of a file that may change at any time. A change is taken when the content stayed the same for a quarter of a second, so that a
/// file in the middle of being written is left alone. What is wrong, unreadable or gone leaves the last good table in force.
/// </summary>
/// <remarks>
/// Content decides, not names or times: that covers edits in place, renames over, removal and return, and a swapped symlink anywhere in the path.
/// A watcher makes it quick where the system has one; polling makes it certain.
/// </remarks>
public sealed class PolicyFile : IPolicySource, IDisposable
{
    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SettleFor = TimeSpan.FromMilliseconds(250);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly ITimer _poll;
    private readonly ITimer _settle;
    private readonly PolicyFileWatcher? _watcher;

    private volatile State _state;
    private string _handled;
    private string? _candidate;
    private bool _disposed;

    /// <summary>Reads the file; what is wrong with it is thrown.</summary>
    /// <param name="path">The file, named in errors as given here.</param>
    /// <param name="time">Drives polling and settling.</param>
    /// <param name="logger">Told of every load and every refusal.</param>
    /// <param name="watch">Off = polling alone, for file systems that tell of no changes.</param>
    /// <exception cref="PolicyFileException">With every error.</exception>
    public PolicyFile(string path, TimeProvider time, ILogger<PolicyFile> logger, bool watch = true)
    {
        ArgumentNullException.ThrowIfNull(time);
        _path = path;
        _time = time;
        _logger = logger;
        var content = PolicyFileContent.Read(path);
        var (table, errors) = Evaluate(content);
        _state = new State(table ?? throw new PolicyFileException(errors), content.Bytes, [], time.GetUtcNow(), 0, 0);
        _handled = content.Mark;
        _logger.PoliciesLoaded(table.Names.Count, path);

        _settle = time.CreateTimer(_ => Settle(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _poll = time.CreateTimer(_ => Notice(), null, PollEvery, PollEvery);
        _watcher = watch ? PolicyFileWatcher.TryWatch(path, Notice, logger) : null;
    }

    public event EventHandler? Changed;

    public CachePolicyTable Current => _state.Table;

    public IReadOnlyList<PolicyError> LastErrors => _state.Errors;

    public string? TextOf(string policy) => PolicySourceText.Of(_state.Text, policy);

    public DateTimeOffset? LastReload => _state.LoadedAt;

    public int Reloads => _state.Reloads;

    public int Failed => _state.Failed;

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

    /// <summary>Something may have changed: wait until it stays as it is.</summary>
    private void Notice()
    {
        lock (_lock)
        {
            if (_disposed || _candidate is not null)
            {
                return;
            }

            var content = PolicyFileContent.Read(_path);
            if (content.Mark != _handled)
            {
                AwaitStillness(content);
            }
        }
    }

    private void Settle()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            var content = PolicyFileContent.Read(_path);
            if (content.Mark != _candidate)
            {
                AwaitStillness(content);
                return;
            }

            _candidate = null;
            if (content.Mark == _handled)
            {
                return;
            }

            Take(content);
        }

        Changed?.Invoke(this, EventArgs.Empty);
    }

    private void AwaitStillness(PolicyFileContent content)
    {
        _candidate = content.Mark;
        _settle.Change(SettleFor, Timeout.InfiniteTimeSpan);
    }

    private void Take(PolicyFileContent content)
    {
        _handled = content.Mark;
        var (table, errors) = Evaluate(content);
        var state = _state;
        if (table is not null)
        {
            _state = state with { Table = table, Text = content.Bytes, Errors = [], LoadedAt = _time.GetUtcNow(), Reloads = state.Reloads + 1 };
            _logger.PoliciesLoaded(table.Names.Count, _path);
            return;
        }

        _state = state with { Errors = errors, Failed = state.Failed + 1 };
        foreach (var error in errors)
        {
            _logger.PoliciesRejected(error.ToString());
        }
    }

    private (CachePolicyTable? Table, IReadOnlyList<PolicyError> Errors) Evaluate(PolicyFileContent content) => content.Bytes is { } bytes
        ? PolicyReader.Read(bytes, _path)
        : (null, [new PolicyError(_path, null, null, null, content.Problem!)]);

    private sealed record State(CachePolicyTable Table, byte[]? Text, IReadOnlyList<PolicyError> Errors, DateTimeOffset LoadedAt, int Reloads, int Failed);
}
