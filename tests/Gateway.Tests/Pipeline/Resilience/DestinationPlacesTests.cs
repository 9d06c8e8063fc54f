using CacheGateway.Pipeline;
using CacheGateway.Pipeline.Resilience;
using Gateway.Tests.Policies;

namespace CacheGateway.Tests.Pipeline.Resilience;

public sealed class DestinationPlacesTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(5, 2)]
    [InlineData(8, 4)]
    public void RequestsWithContent_HaveHalfOfThePlaces(int most, int withContent)
    {
        var places = new DestinationPlaces(most, new ManualTime());

        Assert.Equal(withContent, Enumerable.Range(0, most).Count(_ => places.TryEnter(hasContent: true)));
        Assert.Equal(most - withContent, Enumerable.Range(0, most).Count(_ => places.TryEnter(hasContent: false)));
        Assert.Equal(most, places.Taken);
    }

    [Fact]
    public void AnswerThatItsClientDoesNotTake_GivesItsPlaceToTheFirstThatFindsNone()
    {
        var time = new ManualTime();
        var places = new DestinationPlaces(1, time);
        var slow = Enter(places);
        slow.HandOn(10);
        slow.HandOn(10);
        time.Advance(TimeSpan.FromSeconds(0.9));
        Assert.False(places.TryEnter(hasContent: false), "a moment is nothing");
        time.Advance(TimeSpan.FromSeconds(0.2));

        Assert.True(places.TryEnter(hasContent: false));

        slow.LeavePlace();
        Assert.Equal(1, places.Taken);
    }

    [Fact]
    public void UploadThatFindsItsHalfFull_TakesNoPlaceOfAnswersWithoutContent()
    {
        var time = new ManualTime();
        var places = new DestinationPlaces(4, time);
        var slow = Enter(places);
        slow.HandOn(10);
        slow.HandOn(10);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(2, Enumerable.Range(0, 2).Count(_ => places.TryEnter(hasContent: true)));

        Assert.False(places.TryEnter(hasContent: true));

        Assert.Equal(3, places.Taken);
    }

    [Fact]
    public void AnswerThatWaitsForItsOrigin_KeepsItsPlace()
    {
        var time = new ManualTime();
        var places = new DestinationPlaces(1, time);
        var working = Enter(places);
        working.HandOn(10);
        working.HandOn(10);
        working.HandedOnAt = 0;
        time.Advance(TimeSpan.FromMinutes(1));

        Assert.False(places.TryEnter(hasContent: false));
        working.LeavePlace();
        Assert.True(places.TryEnter(hasContent: false));
    }

    private static ForwardFeature Enter(DestinationPlaces places)
    {
        Assert.True(places.TryEnter(hasContent: false));
        return new ForwardFeature { Place = places };
    }
}
