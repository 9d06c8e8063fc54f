using CacheGateway.Model;
using CacheGateway.Storage;

namespace CacheGateway.Tests.Storage;

public sealed class TieredStoreTests
{
    private readonly TieredStore _store = new(new MemoryTier(1_000_000));

    /// <summary>Epochs are compared first, then moments; the later call wins where both are the same, and where nothing can be compared.</summary>
    [Theory]
    [InlineData(1, 5, 100, false)]
    [InlineData(1, 5, 101, true)]
    [InlineData(1, 5, 99, false)]
    [InlineData(1, 4, 200, false)]
    [InlineData(1, 6, 10, true)]
    [InlineData(2, 1, 10, true)]
    public void Put_BesideOneOfTheSameVariant_TheNewerStays(long incarnation, long epoch, long received, bool isNewer)
    {
        var first = Response(1, 5, 100);
        var second = Response(incarnation, epoch, received);
        var isSame = epoch == 5 && received == 100;

        _store.Put("k", first, 64);
        _store.Put("k", second, 64);

        Assert.Same(isNewer || isSame ? second : first, Assert.Single(_store.Find("k")!.Responses.ToArray()));
    }

    [Fact]
    public void Put_BesideANewerOneOfAnotherVariant_BothStay()
    {
        _store.Put("k", Response(1, 5, 100, new VaryValue("x", "a")), 64);
        _store.Put("k", Response(1, 4, 50, new VaryValue("x", "b")), 64);

        Assert.Equal(2, _store.Find("k")!.Responses.Length);
    }

    [Fact]
    public void Put_MoreVariantsThanAllowed_TheOldestGivesWay()
    {
        for (var i = 0; i < 4; i++)
        {
            _store.Put("k", Response(1, 5, 100 + i, new VaryValue("x", $"{i}")), 3);
        }

        Assert.Equal(["3", "2", "1"], _store.Find("k")!.Responses.ToArray().Select(response => response.Vary[0].Value));
    }

    /// <summary>An entry may take an eighth of the memory.</summary>
    [Fact]
    public void Put_MoreBytesOfVariantsThanMemoryTakes_TheOldestGivesWay()
    {
        for (var i = 0; i < 8; i++)
        {
            _store.Put("k", Response(1, 5, 100 + i, 30_000, new VaryValue("x", $"{i}")), 64);
        }

        Assert.Equal(["7", "6", "5", "4"], _store.Find("k")!.Responses.ToArray().Select(response => response.Vary[0].Value));
    }

    /// <summary>It cannot be kept whatever gives way; the variant it takes the place of is superseded all the same.</summary>
    [Fact]
    public void Put_VariantLargerThanMemoryTakes_TheOthersStay()
    {
        _store.Put("k", Response(1, 5, 100, 30_000, new VaryValue("x", "a")), 64);
        _store.Put("k", Response(1, 5, 101, 30_000, new VaryValue("x", "b")), 64);

        _store.Put("k", Response(1, 5, 102, 200_000, new VaryValue("x", "b")), 64);

        Assert.Equal("a", Assert.Single(_store.Find("k")!.Responses.ToArray()).Vary[0].Value);
    }

    [Theory]
    [InlineData(40_000, 2)]
    [InlineData(70_000, 0)]
    public void Put_CodingsThatAloneMakeItTooLarge_ItStaysWithoutThem(long size, int codings)
    {
        var coded = Array.ConvertAll((string[])["br", "gzip"], coding => new CodedResponse(coding, "", Response(1, 5, 100, size)));

        _store.Put("k", Response(1, 5, 100).With(coded), 64);

        Assert.Equal(codings, Assert.Single(_store.Find("k")!.Responses.ToArray()).Coded.Length);
    }

    private static StoredResponse Response(long incarnation, long epoch, long received, params VaryValue[] vary) => Response(incarnation, epoch, received, 0, vary);

    private static StoredResponse Response(long incarnation, long epoch, long received, long size, params VaryValue[] vary) => new(new CacheKey("k", Sets.Resource with { Target = "k" }, 0))
    {
        Status = 200,
        Headers = [],
        Body = BodySegments.Empty,
        Freshness = new Freshness { Lifetime = 1000, Source = default, InitialAge = 0, ReceivedAt = received },
        Vary = vary,
        Epoch = epoch,
        Incarnation = incarnation,
        Date = DateTimeOffset.UnixEpoch,
        Size = size,
    };
}
