using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Operations;
using CacheGateway.Operations.Explaining;
using CacheGateway.Policies;
using Gateway.Tests.Policies;

namespace CacheGateway.Tests.Operations;

/// <summary>What explanations tell people to write, the policy reader takes.</summary>
public sealed partial class AdviceTests
{
    private static readonly HashSet<string> Members = [.. MembersOf(JsonNode.Parse(PolicySchema.Generate())!)];

    [Fact]
    public void Levers_AreReadAsTheyStand()
    {
        var policy = new CachePolicy
        {
            Name = "p",
            Key = KeyRules.Default with { Identity = IdentityRule.None },
            Enabled = false,
            Origin = OriginFreshness.Respect,
            MaxBodyBytes = 1,
            Vary = new Dictionary<string, VaryAction> { ["User-Agent"] = VaryAction.Bypass, ["Accept"] = VaryAction.Bypass },
        };
        var levers = PolicyLever.For(policy, ResponseFacts.From(404, [new HeaderField("Content-Length", "3000000")], []), long.MaxValue).ToArray();

        Assert.InRange(levers.Length, 10, 100);
        Assert.All(levers, lever => Read(PolicySnippet.Of([new(lever.Member, lever.Json)])));
        Read(PolicySnippet.Of(levers.DistinctBy(lever => lever.Member).Select(lever => new KeyValuePair<string, string>(lever.Member, lever.Json))));
    }

    /// <summary>What is proposed can be written, and is enough.</summary>
    [Theory]
    [InlineData(1, long.MaxValue, null)]
    [InlineData(16 << 20, long.MaxValue, null)]
    [InlineData((16 << 20) + 1, long.MaxValue, "\"17MB\"")]
    [InlineData(40 << 20, 40 << 20, "\"40MB\"")]
    [InlineData(40 << 20, (40 << 20) - 1, null)]
    [InlineData(1 << 30, long.MaxValue, "\"1024MB\"")]
    [InlineData((1 << 30) + 1, long.MaxValue, null)]
    public void MaxBody_IsRaisedAsFarAsItHelps(long length, long largest, string? expected)
    {
        var response = ResponseFacts.From(200, [new HeaderField("Content-Length", $"{length}")], []);
        var levers = PolicyLever.For(new CachePolicy { Name = "p", Key = KeyRules.Default }, response, largest);

        Assert.Equal(expected, levers.SingleOrDefault(lever => lever.Member == "maxBody")?.Json);
        Assert.All(levers, lever => Read(PolicySnippet.Of([new(lever.Member, lever.Json)])));
    }

    [Theory]
    [InlineData("query page")]
    [InlineData("header X-Request-Id")]
    public void Remedies_AreReadAsTheyStand(string part)
    {
        var remedy = Remedy(part)!;

        Read(PolicySnippet.Of([new(remedy.Member, remedy.Json)]));
    }

    /// <summary>That users have entries of their own is what isolates them, however many they are.</summary>
    [Theory]
    [InlineData("identity")]
    [InlineData("header x-tenant-id")]
    [InlineData("header X_User_Id")]
    public void Identities_HaveNoRemedy(string part) => Assert.Null(Remedy(part));

    [Fact]
    public void Words_NameMembersThatThereAre()
    {
        var named = Enum.GetValues<Reason>().Select(ReasonFacts.Of)
            .SelectMany(facts => MemberNames().Matches(facts.Advice + " " + facts.Meaning).Select(match => match.Value)
                .Append(facts.Source.StartsWith("docs/policies.md, ", StringComparison.Ordinal) ? facts.Source["docs/policies.md, ".Length..] : "ttl"))
            .Distinct().ToArray();

        Assert.Contains("client.reload", named);
        Assert.All(named, name => Assert.Contains(Members, member => member == name || member.EndsWith("." + name, StringComparison.Ordinal)));
    }

    private static PolicyLever? Remedy(string part) => KeySpreads.Remedy([new KeySpread(part, 10, 10, 0)], new CachePolicy { Name = "p", Key = KeyRules.Default });

    private static void Read(string snippet)
    {
        var section = JsonNode.Parse(snippet)!.AsObject();
        section["match"] = new JsonObject { ["path"] = "/x" };
        // Of a policy that has none, the search proposes one beside what needs it.
        section.TryAdd("ttl", "1m");
        PolicyText.Policy(section.ToJsonString());
        // A member that stands twice is an error to the reader, and would have been lost above.
        using var strict = JsonDocument.Parse(snippet, new JsonDocumentOptions { AllowDuplicateProperties = false });
    }

    /// <summary>"staleIfError", "key.identity": no English word looks like it.</summary>
    [GeneratedRegex(@"(?<![\w./-])(?:[a-z]+[A-Z]\w*|[a-z]+(?:\.[a-z]+)+)(?![\w/])")]
    private static partial Regex MemberNames();

    private static IEnumerable<string> MembersOf(JsonNode node) => node switch
    {
        JsonObject schema => schema.SelectMany(member => member.Key == "properties" && member.Value is JsonObject members
            ? members.SelectMany(one => MembersOf(one.Value!).Select(inner => $"{one.Key}.{inner}").Prepend(one.Key))
            : member.Value is null ? [] : MembersOf(member.Value)),
        JsonArray items => items.OfType<JsonNode>().SelectMany(MembersOf),
        _ => [],
    };
}
