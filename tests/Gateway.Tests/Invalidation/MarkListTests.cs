using System.Text;
using CacheGateway.Interleavings.Redis;
using CacheGateway.Invalidation.Redis;
using CacheGateway.Model;
using CacheGateway.Storage;
using CacheGateway.Tests.Storage;

namespace CacheGateway.Tests.Invalidation;

/// <summary>Marks as the script packs them: each is what it is alone, and whatever is cut off or damaged names everything.</summary>
public sealed class MarkListTests
{
    /// <summary>As a redis-server 7.0 packed them.</summary>
    private static readonly byte[] Recorded = Convert.FromHexString(
        "dc0010a0a130a868702f636166c3a9a137a56865612062a138a27361a139a8687a667574757265a23130d92e6874687474702d69732d6e6f2d746167"
        + "2d6275742d6c6f6e672d69732d746869732d6f6e653a3737373737373737a23131ab687470726f647563743a37b03138393334353936303030333130"
        + "3234b17375687474703a2f2f483a38302f703f78b031383933343539363030303332303438");

    [Fact]
    public void Read_RecordedVersion1_GivesEachMark()
    {
        var marks = PastRaises.All(new MarkList(Recorded, 99));

        Assert.Equal(7, marks.Count);
        AssertName(marks[0], 7, new MarkName(MarkKind.Prefix, "", "/caf\u00e9"), false);
        Assert.Equal(["a", "b"], marks[1].Scope!.Every);
        Assert.True(marks[2].Scope is { All: true, Soft: true } && marks[2].Epoch == 9);
        Assert.True(marks[3].Scope is { All: true, Soft: false } && marks[3].Epoch == 10);
        AssertName(marks[4], 11, new MarkName(MarkKind.Tag, "", "http-is-no-tag-but-long-is-this-one:77777777"), false);
        AssertName(marks[5], 1893459600031024, new MarkName(MarkKind.Tag, "", "product:7"), false);
        AssertName(marks[6], 1893459600032048, new MarkName(MarkKind.Url, "h", "/p?x"), true);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a0")]
    [InlineData("92a3687461")]
    [InlineData("91a3687461")]
    [InlineData("92a368746137")]
    [InlineData("92a3687461a137a1")]
    [InlineData("92a3687461a3696e66")]
    [InlineData("92a3687461a3312e35")]
    [InlineData("92a3687461a22d31")]
    [InlineData("92a3687461a0")]
    [InlineData("92dbffffffff687461a137")]
    [InlineData("ddfffffffe")]
    public void Read_Damaged_NamesEverythingUpToTheNewest(string hex)
    {
        var mark = PastRaises.All(new MarkList(Convert.FromHexString(hex), 99))[^1];
        Assert.True(mark.Scope is { All: true, Soft: false } && mark.Epoch == 99);
    }

    [Fact]
    public void Read_CutOffAnywhere_NamesEverythingAndLosesNothingBefore()
    {
        var whole = PastRaises.All(new MarkList(Recorded, 99)).Select(mark => (mark.Epoch, mark.Name)).ToList();
        for (var length = 0; length < Recorded.Length; length++)
        {
            var marks = PastRaises.All(new MarkList(Recorded[..length], 99));
            Assert.True(marks[^1] is { Scope: { All: true, Soft: false }, Epoch: 99 }, $"cut at {length}");
            Assert.Equal(whole.Take(marks.Count - 1), marks.SkipLast(1).Select(mark => (mark.Epoch, mark.Name)));
        }
    }

    [Theory]
    [InlineData(15, 1)]
    [InlineData(16, 40)]
    [InlineData(70_000, 300)]
    public void Read_OfAnyLength_GivesAll(int count, int length)
    {
        var name = "hy" + new string('n', length);

        var marks = PastRaises.All(new MarkList(PackedStrings.Pack([.. Enumerable.Repeat<string[]>([name, "7"], count).SelectMany(pair => pair)]), 99));

        Assert.Equal(count, marks.Count);
        Assert.All(marks, mark => AssertName(mark, 7, new MarkName(MarkKind.Policy, "", new string('n', length)), false));
    }

    [Theory]
    [InlineData("htproduct:7")]
    [InlineData("su/p?x")]
    [InlineData("hphttp://h/api/")]
    [InlineData("syproducts")]
    public void Raised_IsWhatTheScopeNames(string text)
    {
        var raised = ScopeText.Raised(Encoding.UTF8.GetBytes(text), 5);
        Assert.Null(raised.Scope);
        var byName = new TagEpochs(TimeProvider.System);
        var byScope = new TagEpochs(TimeProvider.System);
        byName.Mark(new PastRaises(raised));
        byScope.Mark(5, ScopeText.OfMark(text));
        ResourceId[] resources = [new("http", "h", "/api/x", "products", false), new("http", "h", "/p?x", "other", false)];
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
    public void Raised_OfWhatIsNoSingleName_HasNone(string text) => Assert.NotNull(ScopeText.Raised(Encoding.UTF8.GetBytes(text), 5).Scope);

    private static void AssertName(PastRaise mark, long epoch, MarkName name, bool soft)
    {
        Assert.Equal(epoch, mark.Epoch);
        Assert.Equal(name, mark.Name);
        Assert.Equal(soft, mark.Soft);
    }
}
