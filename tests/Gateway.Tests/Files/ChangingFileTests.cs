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

    /// <summary>A log that grows beside the file costs a look now and then, not one for each of its lines.</summary>
    [Fact]
    public async Task BusyFolder_IsLookedAt_NowAndThen()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            var reads = 0;
            var soon = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _time.TimerSet += due => _ = due == TimeSpan.FromMilliseconds(50) && soon.TrySetResult();
            using var file = new ChangingFile(Path.Combine(folder, "file"), Read, Content("a"), _time, _ => { }, notWatched: Assert.Fail);
            using var other = new FileSystemWatcher(folder);
            using var seen = new SemaphoreSlim(0);
            other.Created += (_, created) => _ = created.Name == "last" ? seen.Release() : 0;
            other.EnableRaisingEvents = true;

            File.WriteAllText(Path.Combine(folder, "log"), "1");
            await soon.Task.WaitAsync(Limit);
            _time.Advance(TimeSpan.FromMilliseconds(30));
            for (var line = 2; line < 200; line++)
            {
                File.AppendAllText(Path.Combine(folder, "log"), "2");
            }

            File.WriteAllText(Path.Combine(folder, "last"), "");
            Assert.True(await seen.WaitAsync(Limit));
            Assert.Equal(0, reads);
            _time.Advance(TimeSpan.FromMilliseconds(20));
            Assert.Equal(1, reads);

            FileContent Read()
            {
                Interlocked.Increment(ref reads);
                return Content("a");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static FileContent Content(string text) => new(text, [], null);

    private ChangingFile Of(Func<FileContent> read) => new("unused", read, Content("a"), _time, content => _told.Add(content.Mark), notWatched: null);
}
