using CacheGateway.Files;
using Gateway.Tests.Policies;

namespace CacheGateway.Tests.Files;

public sealed class ChangingFileTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly ManualTime _time = new();
    private readonly List<string> _told = [];

    /// <summary>What is mounted there may not answer any more: one thread waits for it, and nobody else, not even who ends it all.</summary>
    [Fact]
    public async Task ReadThatHangs_KeepsOneThread_AndNobodyElse()
    {
        using var answers = new ManualResetEventSlim();
        using var isRead = new SemaphoreSlim(0);
        var reads = 0;
        var file = Of(() =>
        {
            Interlocked.Increment(ref reads);
            isRead.Release();
            answers.Wait();
            return Content("b");
        });
        var hanging = Task.Run(() => _time.Advance(TimeSpan.FromSeconds(1)));
        Assert.True(await isRead.WaitAsync(Limit));

        await Task.Run(() => _time.Advance(TimeSpan.FromSeconds(60))).WaitAsync(Limit);
        await Task.Run(file.Dispose).WaitAsync(Limit);

        Assert.Equal(1, reads);
        answers.Set();
        await hanging.WaitAsync(Limit);
        Assert.Empty(_told);
    }

    private static FileContent Content(string text) => new(text, [], null);

    private ChangingFile Of(Func<FileContent> read) => new("unused", read, Content("a"), _time, content => _told.Add(content.Mark), notWatched: null);
}
