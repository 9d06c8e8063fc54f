namespace CacheGateway.BrowserTests.Infrastructure;

/// <summary>For what can only be seen by looking again. A test that passes never comes near the limit.</summary>
internal static class Eventually
{
    public static async Task HoldsAsync(Func<Task<bool>> condition, string what)
    {
        var end = Environment.TickCount64 + 30_000;
        while (!await condition())
        {
            Assert.True(Environment.TickCount64 < end, $"Waited 30 s in vain: {what}");
            // Between two looks at another process, which tells nobody when it is there.
            await Task.Delay(100);
        }
    }
}
