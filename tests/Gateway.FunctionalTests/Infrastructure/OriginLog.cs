namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>Everything the origin saw, and who waits for more of it.</summary>
internal sealed class OriginLog
{
    private readonly Lock _lock = new();
    private readonly List<OriginRequest> _requests = [];
    private readonly List<(string Path, int Count, Gate Gate)> _waiters = [];

    public OriginRequest Add(int connection, string requestLine, IReadOnlyList<string> headerLines)
    {
        lock (_lock)
        {
            var request = new OriginRequest(_requests.Count + 1, connection, requestLine, headerLines);
            request = request with { PathNumber = _requests.Count(other => other.Path == request.Path) + 1 };
            _requests.Add(request);
            foreach (var waiter in _waiters.Where(waiter => CountLocked(waiter.Path) >= waiter.Count))
            {
                waiter.Gate.Open();
            }

            return request;
        }
    }

    /// <summary>Requests for a path (any query), for a whole target (with "?"), or for all longer ones ("*" at the end).</summary>
    public IReadOnlyList<OriginRequest> Of(string path)
    {
        lock (_lock)
        {
            return [.. _requests.Where(request => IsFor(request, path))];
        }
    }

    public Task ReachedAsync(string path, int count)
    {
        var gate = new Gate();
        lock (_lock)
        {
            if (CountLocked(path) >= count)
            {
                gate.Open();
            }

            _waiters.Add((path, count, gate));
        }

        return gate.WaitAsync($"request {count} for {path} at the origin");
    }

    private static bool IsFor(OriginRequest request, string path) =>
        path.EndsWith('*') ? request.Target.StartsWith(path[..^1], StringComparison.Ordinal)
        : path.Contains('?') ? request.Target == path
        : request.Path == path;

    private int CountLocked(string path) => _requests.Count(request => IsFor(request, path));
}
