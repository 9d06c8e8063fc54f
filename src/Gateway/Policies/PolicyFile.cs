using CacheGateway.Diagnostics;
using CacheGateway.Files;

namespace CacheGateway.Policies;

/// <summary>
/// The policies of a file that may change at any time (<see cref="ChangingFile"/>). What is wrong, unreadable or gone leaves the last good table in force.
/// </summary>
public sealed class PolicyFile : IPolicySource, IDisposable
{
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ChangingFile _file;

    private volatile State _state;

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
        var content = FileContent.Read(path, PolicyReader.MaxBytes);
        var (table, errors) = Evaluate(content);
        _state = new State(table ?? throw new PolicyFileException(errors), content.Bytes, [], time.GetUtcNow(), 0, 0);
        _logger.PoliciesLoaded(table.Names.Count, path);
        _file = new ChangingFile(path, () => FileContent.Read(path, PolicyReader.MaxBytes), content, time, Take, watch ? why => logger.FileNotWatched(path, why) : null);
    }

    public event EventHandler? Changed;

    public CachePolicyTable Current => _state.Table;

    public IReadOnlyList<PolicyError> LastErrors => _state.Errors;

    public string? TextOf(string policy) => PolicySourceText.Of(_state.Text, policy);

    public DateTimeOffset? LastReload => _state.LoadedAt;

    public int Reloads => _state.Reloads;

    public int Failed => _state.Failed;

    public void Dispose() => _file.Dispose();

    private void Take(FileContent content)
    {
        var (table, errors) = Evaluate(content);
        var state = _state;
        if (table is not null)
        {
            _state = state with { Table = table, Text = content.Bytes, Errors = [], LoadedAt = _time.GetUtcNow(), Reloads = state.Reloads + 1 };
            _logger.PoliciesLoaded(table.Names.Count, _path);
        }
        else
        {
            _state = state with { Errors = errors, Failed = state.Failed + 1 };
            foreach (var error in errors)
            {
                _logger.PoliciesRejected(error.ToString());
            }
        }

        Changed?.Invoke(this, EventArgs.Empty);
    }

    private (CachePolicyTable? Table, IReadOnlyList<PolicyError> Errors) Evaluate(FileContent content)
    {
        if (content.Bytes is not { } bytes)
        {
            return (null, [new PolicyError(_path, null, null, null, content.Problem!)]);
        }

        try
        {
            return PolicyReader.Read(bytes, _path);
        }
        catch (Exception exception)
        {
            // A fault of the reader's is a fault of this file, to the gateway that goes on by the last one: on a timer's thread it would end the process.
            return (null, [new PolicyError(_path, null, null, null, $"could not be read: {exception.Message}")]);
        }
    }

    private sealed record State(CachePolicyTable Table, byte[]? Text, IReadOnlyList<PolicyError> Errors, DateTimeOffset LoadedAt, int Reloads, int Failed);
}
