namespace CacheGateway.Hosting;

/// <summary>Collects what is wrong with settings while they are read, so that all of it is said at once.</summary>
internal sealed class SettingsErrors
{
    private readonly List<string> _lines = [];

    /// <summary>Each once, however often it is met.</summary>
    public void Add(params IReadOnlyList<string> lines) => _lines.AddRange(lines.Except(_lines));

    /// <summary>What <paramref name="read"/> gives; where it cannot, what is wrong is kept and <paramref name="otherwise"/> stands for it.</summary>
    public T Try<T>(Func<T> read, T otherwise)
    {
        try
        {
            return read();
        }
        catch (SettingsException exception)
        {
            Add(exception.Errors);
            return otherwise;
        }
    }

    /// <summary>The same for what gives nothing.</summary>
    public void Try(Action check) => Try(() =>
    {
        check();
        return true;
    }, false);

    /// <exception cref="SettingsException">With all that was kept.</exception>
    public void ThrowIfAny()
    {
        if (_lines.Count > 0)
        {
            throw new SettingsException([.. _lines]);
        }
    }
}
