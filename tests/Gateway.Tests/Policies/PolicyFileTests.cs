using System.Diagnostics;
using System.Text;
using CacheGateway.Policies;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Policies;

/// <summary>Real files, polled by a clock that the test moves.</summary>
public sealed class PolicyFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("policies").FullName;
    private readonly ManualTime _time = new();

    private string FilePath => Path.Combine(_folder, "policies.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Start_WrongFile_ThrowsEveryError()
    {
        File.WriteAllText(FilePath, """{"policies": {"a": {"ttl": "-5m", "x": 1}}}""");

        var error = Assert.Throws<PolicyFileException>(Open);

        Assert.Equal(2, error.Errors.Count);
        Assert.Equal($"{FilePath}:1: policy \"a\": $.ttl: \"-5m\" must not be negative", error.Errors[0].ToString());
    }

    [Fact]
    public void Start_NoFile_ThrowsItsName() =>
        Assert.Equal($"{FilePath}: does not exist", Assert.Throws<PolicyFileException>(Open).Message);

    [Fact]
    public void EditInPlace_IsTakenOnceStill()
    {
        Write("a");
        using var file = Open();
        var changes = Count(file);

        Write("b");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("a", NameIn(file));
        _time.Advance(TimeSpan.FromMilliseconds(250));

        Assert.Equal(("b", 1, 0, 1), (NameIn(file), file.Reloads, file.Failed, changes()));
        Assert.Equal(_time.GetUtcNow(), file.LastReload);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, changes());
    }

    [Fact]
    public void Text_OfAFileWithAByteOrderMark_IsThePolicy()
    {
        File.WriteAllText(FilePath, Json("a"), new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        using var file = Open();

        Assert.Equal("""{"ttl": "5m"}""", file.TextOf("a"));
    }

    [Fact]
    public void PartialWrites_AreNotTaken()
    {
        Write("a");
        using var file = Open();
        var whole = Json("b");

        foreach (var end in new[] { 5, 15, whole.Length })
        {
            File.WriteAllText(FilePath, whole[..end]);
            _time.Advance(end == 5 ? TimeSpan.FromSeconds(1) : TimeSpan.FromMilliseconds(200));
            Assert.Equal("a", NameIn(file));
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(("b", 1, 0), (NameIn(file), file.Reloads, file.Failed));
    }

    [Fact]
    public void WrongEdit_KeepsTheLastGood_UntilRight()
    {
        Write("a");
        using var file = Open();
        var good = file.Current;
        var changes = Count(file);

        File.WriteAllText(FilePath, """{"policies": {"b": {"ttl": 5}}}""");
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Same(good, file.Current);
        Assert.Equal((0, 1, 1), (file.Reloads, file.Failed, changes()));
        Assert.Contains("$.ttl: 5 must be a duration", Assert.Single(file.LastErrors).ToString(), StringComparison.Ordinal);

        Write("c");
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(("c", 1, 1), (NameIn(file), file.Reloads, file.Failed));
        Assert.Empty(file.LastErrors);
    }

    [Fact]
    public void RenameOver_IsTaken()
    {
        Write("a");
        using var file = Open();

        File.WriteAllText(FilePath + ".new", Json("b"));
        File.Move(FilePath + ".new", FilePath, overwrite: true);
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal("b", NameIn(file));
    }

    [Fact]
    public void SymlinkSwap_IsTaken()
    {
        // As Kubernetes mounts a ConfigMap: policies.json -> ..data/policies.json, ..data -> a folder for each version.
        foreach (var version in new[] { "a", "b" })
        {
            Directory.CreateDirectory(Path.Combine(_folder, ".." + version));
            File.WriteAllText(Path.Combine(_folder, ".." + version, "policies.json"), Json(version));
        }

        Directory.CreateSymbolicLink(Path.Combine(_folder, "..data"), "..a");
        File.CreateSymbolicLink(FilePath, "..data/policies.json");
        using var file = Open();
        Assert.Equal("a", NameIn(file));

        Directory.Delete(Path.Combine(_folder, "..data"));
        Directory.CreateSymbolicLink(Path.Combine(_folder, "..data"), "..b");
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal("b", NameIn(file));
    }

    [Fact]
    public void Removal_KeepsTheLastGood_ReturnIsTaken()
    {
        Write("a");
        using var file = Open();

        File.Delete(FilePath);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(("a", 0, 1), (NameIn(file), file.Reloads, file.Failed));
        Assert.Equal($"{FilePath}: does not exist", Assert.Single(file.LastErrors).ToString());

        Write("b");
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(("b", 1, 1), (NameIn(file), file.Reloads, file.Failed));
        Assert.Empty(file.LastErrors);
    }

    /// <summary>To open a pipe waits for who writes to it.</summary>
    [Fact]
    public async Task PipeInItsPlace_KeepsTheLastGood_ReturnIsTaken()
    {
        Write("a");
        var file = Open();
        File.Delete(FilePath);
        using (var mkfifo = Process.Start("mkfifo", [FilePath]))
        {
            await mkfifo.WaitForExitAsync();
            Assert.Equal(0, mkfifo.ExitCode);
        }

        await Task.Run(() => _time.Advance(TimeSpan.FromSeconds(10))).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(("a", 0, 1), (NameIn(file), file.Reloads, file.Failed));
        Assert.Equal($"{FilePath}: is a pipe, not a regular file", Assert.Single(file.LastErrors).ToString());

        File.Delete(FilePath);
        Write("b");
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(("b", 1, 1), (NameIn(file), file.Reloads, file.Failed));
        file.Dispose();
    }

    [Theory]
    [InlineData("/dev/null", "is a device, not a regular file")]
    [InlineData("/dev", "is a folder, not a regular file")]
    public void Start_NoRegularFile_IsRefused(string path, string problem) =>
        Assert.Equal($"{path}: {problem}", Assert.Throws<PolicyFileException>(() => new PolicyFile(path, _time, NullLogger<PolicyFile>.Instance, watch: false)).Message);

    [Fact]
    public void Touch_SameContent_ChangesNothing()
    {
        Write("a");
        using var file = Open();
        var good = file.Current;

        for (var i = 0; i < 100; i++)
        {
            Write("a");
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.Same(good, file.Current);
        Assert.Equal((0, 0), (file.Reloads, file.Failed));
    }

    [Fact]
    public void EditThatIsTakenBack_ChangesNothing()
    {
        Write("a");
        using var file = Open();
        var changes = Count(file);

        Write("b");
        _time.Advance(TimeSpan.FromSeconds(1));
        Write("a");
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal((0, 0, 0), (file.Reloads, file.Failed, changes()));
        Write("b");
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("b", NameIn(file));
    }

    [Fact]
    public void Disposed_LooksNoMore()
    {
        Write("a");
        var file = Open();
        file.Dispose();

        Write("b");
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal("a", NameIn(file));
    }

    [Fact]
    public async Task Watcher_RealTime_ChangeIsTaken()
    {
        Write("a");
        using var file = new PolicyFile(FilePath, TimeProvider.System, NullLogger<PolicyFile>.Instance);
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        file.Changed += (_, _) => changed.TrySetResult();

        Write("b");
        await changed.Task.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal("b", NameIn(file));
    }

    [Fact]
    public void FixedPolicies_StayTheSame() => Assert.Same(CachePolicyTable.Empty, new FixedPolicies(CachePolicyTable.Empty).Current);

    private static string Json(string policy) => $"{{\"policies\": {{\"{policy}\": {{\"ttl\": \"5m\"}}}}}}";

    private static string NameIn(PolicyFile file) => Assert.Single(file.Current.Policies).Name;

    private static Func<int> Count(PolicyFile file)
    {
        var changes = 0;
        file.Changed += (_, _) => changes++;
        return () => changes;
    }

    private PolicyFile Open() => new(FilePath, _time, NullLogger<PolicyFile>.Instance, watch: false);

    private void Write(string policy) => File.WriteAllText(FilePath, Json(policy));
}
