using CacheGateway.Model;
using CacheGateway.Storage;
using FsCheck;
using FsCheck.Fluent;

namespace CacheGateway.Tests.Storage;

/// <summary>The fence against a naive model: a list of everything that was raised, searched whole.</summary>
public sealed class TagEpochsProperties
{
    private static readonly string[] Words = ["/a", "p", "t"];
    private static readonly string[] Targets = ["/", "/a", "/a/", "/ab", "/a/b", "/a/b?q", "/a/b/c", "/b?/a"];
    private static readonly string[] Authorities = ["h", "g:81"];
    private static readonly string[] Named = [.. Targets, .. Authorities.SelectMany(authority => Targets.Select(target => $"https://{authority}{target}"))];

    private static readonly Gen<InvalidationScope> Scopes =
        from kind in Gen.Choose(0, 24)
        from word in Gen.Elements(Words)
        from name in Gen.Elements(Named)
        from soft in Gen.Elements(false, false, true)
        from together in Gen.ArrayOf(Gen.Elements(Words), 2)
        select kind switch
        {
            0 => new InvalidationScope { All = true, Soft = soft },
            < 6 => new InvalidationScope { Tags = [word], Soft = soft },
            < 9 => new InvalidationScope { Policies = [word], Soft = soft },
            < 15 => new InvalidationScope { Urls = [name], Soft = soft },
            > 20 => new InvalidationScope { Every = together, Soft = soft },
            _ => new InvalidationScope { Prefixes = [name.Split('?')[0]], Soft = soft },
        };

    private static readonly Gen<(long Epoch, InvalidationScope Scope)> Raises =
        from epoch in Gen.Choose(1, 20)
        from scope in Scopes
        select ((long)epoch, scope);

    private static readonly Gen<StoredResponse> Responses =
        from epoch in Gen.Choose(0, 20)
        from authority in Gen.Elements(Authorities)
        from target in Gen.Elements(Targets)
        from hasRoute in Gen.Elements(false, true)
        from policy in Gen.Elements(Words)
        from tags in Gen.ArrayOf(Gen.Elements(Words), 2)
        from scheme in Gen.Elements("http", "https")
        select Sets.Response(epoch: epoch, resource: new ResourceId(scheme, authority, target, policy, hasRoute), tags: tags);

    private static readonly Arbitrary<(StoredResponse[] Responses, (long, InvalidationScope)[] Raises, int Seed)> Cases = Arb.From(
        from responses in Gen.ArrayOf(Responses, 8)
        from count in Gen.Choose(0, 12)
        from raises in Gen.ArrayOf(Raises, count)
        from seed in Gen.Choose(0, int.MaxValue)
        select (responses, raises, seed));

    /// <summary>Exact while nothing is folded, whatever was looked at and remembered in between.</summary>
    [Fact]
    public void Check_AnyRaises_SaysWhatTheModelSays() => Hold(1_000, (responses, raises, _) =>
    {
        var epochs = new TagEpochs(TimeProvider.System);
        var raised = new List<(long, InvalidationScope)>();
        return raises.All(raise =>
        {
            epochs.Apply(raise.Item1, raise.Item2);
            raised.Add(raise);
            return responses.All(response => epochs.Check(response) == Model(response, raised));
        });
    });

    [Fact]
    public void Apply_AnotherOrderAndTwice_GivesTheSame() => Hold(500, (responses, raises, seed) =>
    {
        var epochs = new TagEpochs(TimeProvider.System);
        var again = new TagEpochs(TimeProvider.System);
        var random = new Random(seed);
        foreach (var (epoch, scope) in raises)
        {
            epochs.Apply(epoch, scope);
        }

        foreach (var (epoch, scope) in raises.Concat(raises).OrderBy(_ => random.Next()).ToArray())
        {
            again.Apply(epoch, scope);
        }

        return epochs.Applied == again.Applied
            && responses.All(response => epochs.Check(response) == again.Check(response));
    });

    /// <summary>Next to no room: nearly everything is folded, into very few slots.</summary>
    [Fact]
    public void Check_MarksFolded_OnlyDiesEarlier() => Hold(1_000, (responses, raises, seed) =>
    {
        var epochs = new TagEpochs(TimeProvider.System, maxMarks: 1 + (seed % 3), slots: 1 + (seed % 7));
        var raised = new List<(long, InvalidationScope)>();
        return raises.All(raise =>
        {
            epochs.Apply(raise.Item1, raise.Item2);
            raised.Add(raise);
            return epochs.Marks <= 3 && responses.All(response => epochs.Check(response) >= Model(response, raised));
        });
    });

    private static void Hold(int cases, Func<StoredResponse[], (long, InvalidationScope)[], int, bool> property) =>
        Prop.ForAll(Cases, c => property(c.Responses, c.Raises, c.Seed)).Holds(cases);

    private static Liveness Model(StoredResponse response, List<(long Epoch, InvalidationScope Scope)> raised)
    {
        var later = raised.Where(raise => raise.Epoch > response.Epoch && Names(raise.Scope, response)).ToArray();
        return later.Any(raise => !raise.Scope.Soft) ? Liveness.Dead : later.Length > 0 ? Liveness.Soft : Liveness.Alive;
    }

    private static bool Names(InvalidationScope scope, StoredResponse response)
    {
        var (_, authority, target, policy, _) = response.Resource;
        var route = response.Resource.Route;
        return scope.All
            || scope.Tags.Intersect(response.Tags).Any()
            || (scope.Every.Length > 0 && scope.Every.All(response.Tags.Contains))
            || scope.Policies.Contains(policy)
            || scope.Urls.Any(url => url == target || url == route || url == $"https://{authority}{target}" || url == $"https://{authority}{route}")
            || scope.Prefixes.Any(prefix => $"https://{authority}{target.Split('?')[0]}".StartsWith(prefix, StringComparison.Ordinal)
                || target.Split('?')[0].StartsWith(prefix, StringComparison.Ordinal));
    }
}
