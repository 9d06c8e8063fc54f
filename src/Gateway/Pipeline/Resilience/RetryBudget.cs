namespace CacheGateway.Pipeline.Resilience;

/// <summary>
/// So many retries in a hundred requests, and no more: each request pays in, each retry takes out a hundred times as much. It starts with one retry
/// paid for, and never saves up more than ten.
/// </summary>
internal sealed class RetryBudget(int percent)
{
    private const int Retry = 100;
    private const int Most = 10 * Retry;

    private int _saved = Retry;

    public void Request()
    {
        if (Volatile.Read(ref _saved) < Most)
        {
            Interlocked.Add(ref _saved, percent);
        }
    }

    public bool TryTake()
    {
        int saved;
        do
        {
            saved = Volatile.Read(ref _saved);
            if (saved < Retry)
            {
                return false;
            }
        }
        while (Interlocked.CompareExchange(ref _saved, saved - Retry, saved) != saved);
        return true;
    }
}
