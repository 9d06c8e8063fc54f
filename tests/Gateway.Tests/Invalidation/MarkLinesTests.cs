using System.Text;
using CacheGateway.Invalidation.Redis;
using CacheGateway.Model;
using CacheGateway.Storage;

namespace CacheGateway.Tests.Invalidation;

/// <summary>Marks as the script joins them: each is what it is alone, and whatever is cut off or damaged names everything.</summary>
public sealed class MarkLinesTests
{
    private const string Recorded = "0 0 11 1893459600031024 htproduct:717 1893459600032048 suhttp://H:80/p?x8 7 hp/caf\u00e95 8 hea b2 9 sa8 10 hzfuture";

    [Fact]
    public void Read_RecordedVersion1_GivesEachMark()
    {
        var marks = MarkLines.Read(Encoding.UTF8.GetBytes(Recorded), 99);

        Assert.Equal(6, marks.Count);
        AssertName(marks[0], 1893459600031024, new MarkName(MarkKind.Tag, "", "product:7"), false);
        AssertName(marks[1], 1893459600032048, new MarkName(MarkKind.Url, "h", "/p?x"), true);
        AssertName(marks[2], 7, new MarkName(MarkKind.Prefix, "", "/caf\u00e9"), false);
        Assert.Equal(["a", "b"], marks[3].Scope!.Every);
        Assert.True(marks[4].Scope is { All: true, Soft: true } && marks[4].Epoch == 9);
        Assert.True(marks[5].Scope is { All: true, Soft: false } && marks[5].Epoch == 10);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("5 7")]
    [InlineData("5 7 hta")]
    [InlineData("-1 7 hta")]
    [InlineData("3 inf hta")]
    [InlineData("3 1.5 hta")]
    [InlineData("99999999999999999999 7 hta")]
    public void Read_Damaged_NamesEverythingUpToTheNewest(string text)
    {
        var mark = Assert.Single(MarkLines.Read(Encoding.UTF8.GetBytes(text), 99));
        Assert.True(mark.Scope is { All: true, Soft: false } && mark.Epoch == 99);
    }

    [Fact]
    public void Read_CutOffAnywhere_NamesEverythingOrLosesNothingBefore()
    {
        var bytes = Encoding.UTF8.GetBytes(Recorded);
        for (var length = 0; length < bytes.Length; length++)
        {
            var marks = MarkLines.Read(bytes.AsSpan(0, length), 99);
            Assert.True(marks.Count == 0 || marks[^1] is { Scope: { All: true, Soft: false }, Epoch: 99 } || IsWhole(bytes, length), $"cut at {length}");
        }
    }

    [Theory]
    [InlineData("htproduct:7")]
    [InlineData("su/p?x")]
    [InlineData("hphttp://h/api/")]
    [InlineData("syproducts")]
    public void TryReadName_IsWhatTheScopeNames(string text)
    {
        Assert.True(ScopeText.TryReadName(text, out var name, out var soft));
        var byName = new TagEpochs(TimeProvider.System);
        var byScope = new TagEpochs(TimeProvider.System);
        byName.Mark([new PastRaise(5, name, soft)]);
        byScope.Mark(5, ScopeText.OfMark(text));
        ResourceId[] resources = [new("http", "h", "/api/x", "products", null), new("http", "h", "/p?x", "other", null)];
        foreach (var resource in resources)
        {
            Assert.Equal(byScope.Check(new FillEpoch(0, 4), resource, ["product:7"]), byName.Check(new FillEpoch(0, 4), resource, ["product:7"]));
            Assert.Equal(Liveness.Alive, byName.Check(new FillEpoch(0, 5), resource, ["product:7"]));
        }

        Assert.Contains(resources, resource => byName.Check(new FillEpoch(0, 4), resource, ["product:7"]) != Liveness.Alive);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ht")]
    [InlineData("hta tag")]
    [InlineData("hunowhere")]
    [InlineData("xta")]
    [InlineData("hea b")]
    [InlineData("sa")]
    public void TryReadName_OfWhatIsNoSingleName_IsFalse(string text) => Assert.False(ScopeText.TryReadName(text, out _, out _));

    /// <summary>Whether what was cut off begins with another mark: then nothing before it may be different.</summary>
    private static bool IsWhole(byte[] bytes, int length)
    {
        var some = MarkLines.Read(bytes.AsSpan(0, length), 99).Select(mark => (mark.Epoch, mark.Name)).ToList();
        return MarkLines.Read(bytes, 99).Select(mark => (mark.Epoch, mark.Name)).Take(some.Count).SequenceEqual(some);
    }

    private static void AssertName(PastRaise mark, long epoch, MarkName name, bool soft)
    {
        Assert.Equal(epoch, mark.Epoch);
        Assert.Equal(name, mark.Name);
        Assert.Equal(soft, mark.Soft);
    }
}
