namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>The longest time anything in a test is waited for. A test that passes never comes near it.</summary>
internal static class Deadline
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>
    /// For a limit of the gateway that runs by the machine's clock, where other answers have to come within it: as short as a test can wait for,
    /// and several times what a busy machine with two processors was seen to take for the first answer of a fresh gateway.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task Within(Task task, string what)
    {
        if (await Task.WhenAny(task, Task.Delay(Limit)) != task)
        {
            throw new TimeoutException($"Waited {Limit.TotalSeconds:0} s in vain: {what}");
        }

        await task;
    }

    public static async Task<T> Within<T>(Task<T> task, string what)
    {
        await Within((Task)task, what);
        return await task;
    }

    /// <summary>Asks again and again until the condition holds; for what can only be seen by asking (a metric, a file's effect).</summary>
    public static Task Until(Func<Task<bool>> condition, string what) => Until(condition, what, Limit);

    /// <summary>For what a process does that has only just been started.</summary>
    public static async Task Until(Func<Task<bool>> condition, string what, TimeSpan limit)
    {
        var end = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        while (!await condition())
        {
            if (Environment.TickCount64 > end)
            {
                throw new TimeoutException($"Waited {limit.TotalSeconds:0} s in vain: {what}");
            }

            await Task.Delay(5);
        }
    }
}
