using CacheGateway.Model;
using CacheGateway.Storage;

namespace CacheGateway.Tests.Storage;

/// <summary>Bodies that clients are still being sent when the store lets go of them.</summary>
public sealed class LeftOverTests
{
    private const int Length = 100_000;

    private readonly MemoryTier _tier = new(1_000_000);
    private readonly BodySegments _body = BodySegments.Copy(new byte[Length]);

    [Fact]
    public void DroppedWhileRead_CountsUntilTheLastHasIt()
    {
        Put("k", _body);
        _tier.BeginReading(_body);
        _tier.BeginReading(_body);
        Assert.Equal(0, _tier.LeftOver);

        _tier.Update("k", _ => null);
        Assert.Equal(Length, _tier.LeftOver);
        _tier.EndReading(_body);
        Assert.Equal(Length, _tier.LeftOver);
        _tier.EndReading(_body);

        Assert.Equal(0, _tier.LeftOver);
    }

    [Fact]
    public void NeverAdmitted_CountsWhileRead()
    {
        _tier.BeginReading(_body);
        Assert.Equal(Length, _tier.LeftOver);
        Put("k", _body);
        Assert.Equal(0, _tier.LeftOver);
        _tier.EndReading(_body);
        _tier.Update("k", _ => null);

        Assert.Equal(0, _tier.LeftOver);
    }

    [Fact]
    public void TakenOverByAFreshenedResponse_DoesNotCount()
    {
        Put("k", _body);
        _tier.BeginReading(_body);

        Put("k", _body);

        Assert.Equal(0, _tier.LeftOver);
        Put("k", BodySegments.Copy(new byte[Length]));
        Assert.Equal(Length, _tier.LeftOver);
    }

    [Fact]
    public void Codings_CountAsTheirOwn()
    {
        var identity = Response("k", BodySegments.Empty);
        _tier.Update("k", _ => identity.With([new CodedResponse("br", "0", identity.As([], _body, null))]));
        _tier.BeginReading(_body);
        Assert.Equal(0, _tier.LeftOver);

        _tier.Update("k", _ => null);

        Assert.Equal(Length, _tier.LeftOver);
    }

    /// <summary>It is written at once, whoever reads it.</summary>
    [Fact]
    public void OneSegment_CountsNothing()
    {
        _tier.BeginReading(BodySegments.Copy(new byte[BodySegments.MaxSegment]));

        Assert.Equal(0, _tier.LeftOver);
    }

    /// <summary>What is dropped while it is read gives no room, so that more has to go; but one entry that comes never costs all that is being read.</summary>
    [Fact]
    public void EvictedWhileRead_TakesRoomFromEntries_UpToAQuarter()
    {
        var bodies = Enumerable.Range(0, 9).Select(_ => BodySegments.Copy(new byte[Length])).ToArray();
        foreach (var (i, body) in bodies.Index())
        {
            Put($"{i}", body);
            _tier.BeginReading(body);
        }

        Assert.Equal(0, _tier.LeftOver);

        _tier.Reserve(Length);

        Assert.Equal((3 * Length, 6), (_tier.LeftOver, _tier.Count));
        Array.ForEach(bodies, _tier.EndReading);
        Assert.Equal(0, _tier.LeftOver);
    }

    [Fact]
    public void MuchLeftOver_LargeBodiesAreNotKept_SmallOnesAre()
    {
        var budget = new FillBudget(_tier, 0.25);
        _tier.BeginReading(_body);
        Assert.True(budget.TryTake(Length, Length));
        budget.Return(Length);
        _tier.BeginReading(BodySegments.Copy(new byte[Length]));

        Assert.False(budget.TryTake(Length, Length));
        Assert.True(budget.TryTake(1000, 1000));
        Assert.Equal(1000, budget.Held);
    }

    /// <summary>Each reads slowly what is stored nowhere: however many do, what is stored for others stays, but for a quarter.</summary>
    [Fact]
    public void Windows_TakeRoomFromEntries_UpToAQuarter()
    {
        var budget = new FillBudget(_tier, 0.25);
        for (var i = 0; i < 90; i++)
        {
            Put($"{i}", BodySegments.Copy(new byte[10_000]));
        }

        var windows = Enumerable.Range(0, 100).Select(_ => budget.TakeWindow(1_000_000, 64 * 1024)).ToArray();

        Assert.InRange(_tier.Bytes, 700_000, 750_000);
        Assert.Equal((windows.Sum(), _tier.MostLeftOver), (budget.Held, _tier.Reserved));
        Assert.All(windows, window => Assert.Equal(64 * 1024, window));
        Array.ForEach(windows, budget.ReturnWindow);
        Assert.Equal((0, 0), (budget.Held, _tier.Reserved));
    }

    private void Put(string key, BodySegments body) => _tier.Update(key, _ => Response(key, body));

    private static StoredResponse Response(string key, BodySegments body) => Sets.Response(key).With(body, null, false, []);
}
