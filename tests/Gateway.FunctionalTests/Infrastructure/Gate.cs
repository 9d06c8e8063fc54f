namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>A barrier that is opened once and stays open.</summary>
internal sealed class Gate
{
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Opened => _opened.Task;

    public void Open() => _opened.TrySetResult();

    /// <summary>Waits for the gate, and fails with <paramref name="what"/> instead of hanging the run.</summary>
    public Task WaitAsync(string what) => Deadline.Within(Opened, what);
}
