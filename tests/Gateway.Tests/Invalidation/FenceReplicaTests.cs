using CacheGateway.Invalidation.Redis;
using CacheGateway.Model;
using CacheGateway.Storage;
using CacheGateway.Tests.Storage;

namespace CacheGateway.Tests.Invalidation;

/// <summary>The node's copy of the fence, fed by hand: holes, doubles, disorder, other incarnations, and a life alone.</summary>
public sealed class FenceReplicaTests
{
    private const long First = 1_000_000;

    private readonly TagEpochs _epochs = new(TimeProvider.System);
    private readonly FenceReplica _replica;

    public FenceReplicaTests()
    {
        _replica = new FenceReplica(_epochs);
        Join(7, First);
    }

    [Fact]
    public void Joined_IsTrustedOnlyAfterItsMarksAndAWholeSync()
    {
        var replica = new FenceReplica(_epochs);
        var now = Instant.MonotonicNow(TimeProvider.System);
        replica.Take(Reply(7, First), FencePosition.None, isWhole: true);
        replica.Prove(7, now);
        Assert.False(_epochs.IsTrusted(now));

        replica.Joined(7);
        Assert.Equal(FenceStep.Complete, replica.Take(Reply(7, First), replica.Position, isWhole: true));
        replica.Prove(7, now);
        Assert.True(_epochs.IsTrusted(now));
        Assert.False(_epochs.IsTrusted(now + 10_001));
    }

    /// <summary>As long as something holds here that others were not told of, what others stored may be older.</summary>
    [Fact]
    public void WhatHoldsHereAlone_IsUntold_UntilAllOfItIsTold()
    {
        _replica.HasWaitingEvent = true;
        Assert.True(_epochs.HasUntold);
        _replica.HasJournal = true;
        _replica.HasWaitingEvent = false;
        Assert.True(_epochs.HasUntold);
        _replica.HasJournal = false;
        Assert.False(_epochs.HasUntold);

        _replica.HasWaitingEvent = true;
        Join(8, First);
        Assert.True(_epochs.HasUntold, "another life does not tell it");
    }

    /// <summary>Another raised it, and its epoch comes with the next sync: until then what others stored after its mark here may be from before it.</summary>
    [Fact]
    public void EventThatAnotherRaised_IsUntoldUntilASyncThatWasSentLater()
    {
        _replica.HasWaitingEvent = true;

        _replica.WaitingEventIsTaken(knownAt: 100);
        _replica.Prove(7, sentAt: 100);
        Assert.True(_epochs.HasUntold);
        _replica.Prove(7, sentAt: 101);
        Assert.False(_epochs.HasUntold);

        _replica.HasWaitingEvent = true;
        _replica.Prove(7, sentAt: 200);
        Assert.True(_epochs.HasUntold);
    }

    [Fact]
    public void Entries_InOrder_AreAppliedOnce()
    {
        var stored = Stored("t");
        Take(Reply(7, First + 3000, Entry(First + 2000, First, "t"), Entry(First + 3000, First + 2000, "u")));
        Assert.Equal(First + 3000, _epochs.Applied);
        Assert.False(_epochs.IsAlive(stored));

        var later = Stored("t");
        Take(Reply(7, First + 3000, Entry(First + 2000, First, "t"), Entry(First + 3000, First + 2000, "t")));
        Assert.True(_epochs.IsAlive(later));
        Assert.Equal(0, _replica.Gaps);
    }

    /// <summary>Who watches the count takes it for the moment from which nothing of before is served.</summary>
    [Fact]
    public async Task Hole_IsCounted_WhenAllIsDead()
    {
        for (var round = 1; round <= 2000; round++)
        {
            var stored = Stored("unrelated");
            var watching = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var watcher = Task.Run(() =>
            {
                watching.SetResult();
                while (_replica.Gaps < round)
                {
                }

                return _epochs.IsAlive(stored);
            });
            await watching.Task;
            var at = First + (4000L * round);
            Take(Reply(7, at, Entry(at, at - 2000, "t")));

            Assert.False(await watcher, $"round {round}");
        }
    }

    [Fact]
    public void Hole_InTheStream_KillsEverything()
    {
        var stored = Stored("unrelated");
        Take(Reply(7, First + 3000, Entry(First + 3000, First + 2000, "t")));
        Assert.False(_epochs.IsAlive(stored));
        Assert.Equal((1, First + 3000), (_replica.Gaps, _epochs.Applied));
        Assert.True(_epochs.IsAlive(Stored("unrelated")));
    }

    [Fact]
    public void Newest_WithoutItsEntry_KillsEverything()
    {
        var stored = Stored("unrelated");
        Take(Reply(7, First + 3000));
        Assert.False(_epochs.IsAlive(stored));
        Assert.Equal(1, _replica.Gaps);
    }

    [Fact]
    public void PartOfTheStream_IsNoHole()
    {
        var stored = Stored("unrelated");
        Assert.Equal(FenceStep.More, _replica.Take(Reply(7, First + 3000, Entry(First + 2000, First, "t")), _replica.Position, isWhole: false));
        Assert.True(_epochs.IsAlive(stored));
        Assert.Equal((0, First + 2000), (_replica.Gaps, _epochs.Applied));
    }

    [Fact]
    public void OtherIncarnation_KillsEverything_WhicheverEpochIsHigher()
    {
        var stored = Stored("unrelated");
        Assert.Equal(FenceStep.Join, _replica.Take(Reply(8, First - 500), _replica.Position, isWhole: true));
        Assert.False(_epochs.IsAlive(stored));
        Assert.False(_epochs.IsTrustedNow);
        Assert.True(_epochs.IsAlive(Stored("unrelated")));

    }

    /// <summary>Its marks are still to be read: until they were, and a sync has proven the rest, nothing that is stored may be judged by what is here.</summary>
    [Fact]
    public void OtherIncarnation_IsNotTrustedBeforeItsMarksAreRead_HoweverLateTheLastProof()
    {
        var now = Instant.MonotonicNow(TimeProvider.System);
        _replica.Prove(7, now);
        Assert.True(_epochs.IsTrusted(now));

        Assert.Equal(FenceStep.Join, _replica.Take(Reply(8, First), _replica.Position, isWhole: true));
        Assert.False(_epochs.IsTrusted(now));
        _replica.Joined(8);
        Assert.False(_epochs.IsTrusted(now));
        _replica.Prove(8, now);
        Assert.True(_epochs.IsTrusted(now));
    }

    [Fact]
    public void AnswerToAQuestionOfAnotherLife_IsThrownAway()
    {
        var asked = _replica.Position;
        Join(8, First);
        Assert.Equal(FenceStep.More, _replica.Take(Reply(7, First + 5000), asked, isWhole: true));
        Assert.Equal(8, _replica.Position.Incarnation);
    }

    [Fact]
    public void OwnRaise_BeforeWhatOthersRaised_HoldsAndWaitsForTheRest()
    {
        var stored = Stored("mine");
        Assert.False(_replica.TakeOwn(new RaiseReply(7, First + 3000, First + 2000, false), _replica.Position, Tag("mine")));
        Assert.False(_epochs.IsAlive(stored));
        Assert.Equal(First, _epochs.Applied);

        var foreign = Stored("theirs");
        Take(Reply(7, First + 3000, Entry(First + 2000, First, "theirs"), Entry(First + 3000, First + 2000, "mine")));
        Assert.False(_epochs.IsAlive(foreign));
        Assert.Equal((0, First + 3000), (_replica.Gaps, _epochs.Applied));
    }

    /// <summary>A fetch that began before it would otherwise be shared with who came after, since both know the same epoch.</summary>
    [Fact]
    public void OwnRaise_BeforeWhatOthersRaised_TellsFetchesOfBeforeFromRequestsOfAfter()
    {
        var fetch = _epochs.Now;
        Assert.True(fetch.Covers(_epochs.Now));

        Assert.False(_replica.TakeOwn(new RaiseReply(7, First + 3000, First + 2000, false), _replica.Position, Tag("mine")));

        var arrival = _epochs.Now;
        Assert.Equal(fetch.Value, arrival.Value);
        Assert.False(fetch.Covers(arrival));
        Assert.True(arrival.Covers(arrival));
        Assert.False(_epochs.IsAlive(fetch, Sets.Response(fetch, "mine").Resource, ["mine"]));
    }

    [Fact]
    public void OwnRaise_NextInLine_IsAppliedAtOnce()
    {
        Assert.True(_replica.TakeOwn(new RaiseReply(7, First + 2000, First, false), _replica.Position, Tag("mine")));
        Assert.Equal(First + 2000, _epochs.Applied);
    }

    /// <summary>A journal is told late: what it holds may have been done by another node, before other things that were raised since.</summary>
    [Fact]
    public void OwnRaise_ThatAnotherNodeHadDone_HoldsAndTurnsNothingBack()
    {
        var before = Stored("mine");
        Take(Reply(7, First + 3000, Entry(First + 2000, First, "mine"), Entry(First + 3000, First + 2000, "theirs")));
        var after = Stored("mine");

        Assert.True(_replica.TakeOwn(new RaiseReply(7, First + 2000, First + 3000, IsRepeated: true), _replica.Position, Tag("mine")));

        Assert.Equal(First + 3000, _replica.Position.Applied);
        Take(Reply(7, First + 3000));
        Assert.Equal((false, true, 0), (_epochs.IsAlive(before), _epochs.IsAlive(after), _replica.Gaps));
    }

    [Fact]
    public void OwnRaise_ThatAnotherNodeHadDone_BeforeTheStreamBringsIt_Holds()
    {
        var stored = Stored("mine");

        Assert.False(_replica.TakeOwn(new RaiseReply(7, First + 2000, First, IsRepeated: true), _replica.Position, Tag("mine")));

        Assert.Equal((false, First), (_epochs.IsAlive(stored), _replica.Position.Applied));
    }

    [Fact]
    public void RaisedAlone_OrdersAgainstOwnFetches_AndBelowEverythingRaisedLater()
    {
        var before = Stored("t");
        var local = _replica.RaiseLocally(Tag("t"));
        Assert.False(_epochs.IsAlive(before));
        var after = Stored("t");
        Assert.True(_epochs.IsAlive(after));
        Assert.InRange(local, First + 1, First + FenceReplica.Step - 1);

        // What others raised meanwhile has the lowest epoch that it can have, and kills what was fetched after the local one.
        Take(Reply(7, First + FenceReplica.Step, Entry(First + FenceReplica.Step, First, "t")));
        Assert.False(_epochs.IsAlive(after));
        Assert.Equal(0, _replica.Gaps);
    }

    [Fact]
    public void RaisedAlone_MoreOftenThanFits_IsALifeOfItsOwn()
    {
        var stored = Stored("unrelated");
        for (var i = 0; i < 2 * FenceReplica.Step; i++)
        {
            var fetched = Stored("t");
            _replica.RaiseLocally(Tag("t"));
            Assert.False(_epochs.IsAlive(fetched));
        }

        Assert.False(_epochs.IsAlive(stored));
        Assert.Equal(0, _replica.Position.Incarnation);
        Assert.False(_epochs.IsTrustedNow);
        var alone = Stored("unrelated");
        Join(7, First);
        Assert.False(_epochs.IsAlive(alone));
    }

    [Fact]
    public void WhatOthersStored_IsNotComparedWithWhatOnlyThisNodeRaised()
    {
        Assert.True(_epochs.Admits(First));
        _replica.HasJournal = true;
        _replica.RaiseLocally(Tag("t"));
        Assert.False(_epochs.Admits(First + 5000));

        // Its new epoch holds here before it is no longer waited for.
        Take(Reply(7, First + 5000, Entry(First + 5000, First, "theirs")));
        Assert.False(_epochs.Admits(First + 5000));
        Assert.True(_replica.TakeOwn(new RaiseReply(7, First + 9000, First + 5000, false), _replica.Position, Tag("t")));
        _replica.HasJournal = false;
        Assert.True(_epochs.Admits(First + 5000));
        Assert.False(_epochs.IsAlive(new FillEpoch(7, First + 5000), Sets.Response(_epochs.Now, "t").Resource, ["t"]));
    }

    [Fact]
    public void FromANodeThatIsFurther_DiesWithWhatIsRaisedHere_ThoughItsEpochIsHigher()
    {
        var theirs = new FillEpoch(7, First + 5000);
        Assert.True(_epochs.Admits(theirs.Value));
        Assert.True(_epochs.IsAlive(theirs, Sets.Response(_epochs.Now, "t").Resource, ["t"]));
        _replica.RaiseLocally(Tag("t"));
        Assert.False(_epochs.IsAlive(theirs, Sets.Response(_epochs.Now, "t").Resource, ["t"]));
        Assert.True(_epochs.IsAlive(Stored("t")), "asked for after the raise");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void LifeThatIsEnteredAgain_BeforeTheJournalWasTold_RevivesNothing(bool isJournaled)
    {
        var before = Stored("t");
        Assert.True(_epochs.Admits(First + 5000));
        (_replica.HasJournal, _replica.HasWaitingEvent) = (isJournaled, !isJournaled);
        _replica.RaiseLocally(Tag("t"));
        Assert.NotEqual(7, _epochs.Now.Incarnation);

        Join(7, First + 5000);
        Assert.False(_epochs.IsAlive(before));
        Assert.False(_epochs.IsAlive(new FillEpoch(7, First + 5000), before.Resource, ["t"]));
        Assert.True(_epochs.IsAlive(Stored("t")), "asked for after it");
    }

    [Fact]
    public void RaisedIntoAnotherLife_NothingOfOthersIsReadBeforeThisNodeIsThere()
    {
        _replica.TakeOwn(new RaiseReply(8, First + 9000, First + 5000, false), _replica.Position, Tag("t"));
        Assert.False(_epochs.Admits(First + 5000));
        Join(8, First + 9000);
        Assert.True(_epochs.Admits(First + 5000));
    }

    [Fact]
    public void RaisedInALifeThatThisNodeHasLeftSince_WhatOthersStoreIsReadInTheNext()
    {
        var asked = _replica.Position;
        Join(8, First + 9000);
        Assert.True(_epochs.Admits(First + 9000));

        _replica.TakeOwn(new RaiseReply(7, First + 2000, First, false), asked, Tag("t"));

        Assert.True(_epochs.Admits(First + 9000));
    }

    [Fact]
    public void Floor_KillsWhatTheForgottenMarksWould()
    {
        var stored = Stored("unrelated");
        Take(new SyncReply(7, First + 2000, First + 3000, [Entry(First + 3000, First, "t")], []));
        Assert.False(_epochs.IsAlive(stored));
    }

    [Fact]
    public void ForeignEntries_AreSkippedAndCounted()
    {
        Take(Reply(7, First + 2000, new FenceEntry("5-1", 0, 0, ScopeText.Everything), Entry(First + 2000, First, "t")));
        Assert.Equal((1, 0, First + 2000), (_replica.Garbage, _replica.Gaps, _epochs.Applied));
    }

    [Theory]
    [InlineData("""{"t":["product:7"],"u":["/p","http://h/p"],"p":["/api/"],"y":["products"],"s":true}""")]
    [InlineData("""{"u":["#h:8080/47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU","#/47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"]}""")]
    [InlineData("""{"a":true}""")]
    public void Scope_OfVersion1_IsReadAndWrittenTheSame(string text)
    {
        Assert.True(ScopeText.TryRead(text, out var scope));
        Assert.Equal(text, ScopeText.Write(scope));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}x")]
    [InlineData("""{"t":["a tag"]}""")]
    [InlineData("""{"t":["a"],"t":["b"]}""")]
    [InlineData("""{"newer":1}""")]
    [InlineData("""{"u":["nowhere"]}""")]
    [InlineData("""{"u":["#"]}""")]
    [InlineData("""{"u":["#h/short"]}""")]
    [InlineData("""{"u":["#h47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"]}""")]
    [InlineData("""{"p":["#h/47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"]}""")]
    [InlineData("""{"u":["#h/47DEQpj8HBSa+_TImW+5JCeuQeRkm5NMpJWZG3hSuFU"]}""")]
    public void Scope_ThatCannotBeRead_IsNone(string text) => Assert.False(ScopeText.TryRead(text, out _));

    [Theory]
    [InlineData("htproduct:7")]
    [InlineData("su/p?x")]
    [InlineData("hphttp://h/api/")]
    [InlineData("hu#h/47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")]
    [InlineData("syproducts")]
    [InlineData("sa")]
    public void Mark_OfVersion1_IsReadAndWrittenTheSame(string mark) => Assert.Equal(mark, Assert.Single(ScopeText.Marks(ScopeText.OfMark(mark))));

    [Theory]
    [InlineData("h")]
    [InlineData("xt")]
    [InlineData("hzfuture")]
    [InlineData("hta tag")]
    public void Mark_ThatCannotBeRead_NamesEverything(string mark) => Assert.True(ScopeText.OfMark(mark) is { All: true, Soft: false });

    private static InvalidationScope Tag(string tag) => new() { Tags = [tag] };

    private static FenceEntry Entry(long epoch, long previous, string tag) => new($"{epoch}-0", epoch, previous, Tag(tag));

    private static SyncReply Reply(long incarnation, long newest, params FenceEntry[] entries) => new(incarnation, 0, newest, entries, []);

    private void Take(SyncReply reply) => Assert.Equal(FenceStep.Complete, _replica.Take(reply, _replica.Position, isWhole: true));

    private void Join(long incarnation, long newest)
    {
        Assert.Equal(FenceStep.Join, _replica.Take(Reply(incarnation, newest), _replica.Position, isWhole: true));
        _replica.Joined(incarnation);
    }

    /// <summary>Fetched now.</summary>
    private StoredResponse Stored(string tag) => Sets.Response(_epochs.Now, tag);
}
