using System.Text.RegularExpressions;
using CacheGateway.Http;
using CacheGateway.Model;
using Gateway.Tests.Policies;

namespace CacheGateway.Tests.Http;

[Covers("RFC 9111 3.5", "responses to requests with credentials")]
public sealed partial class CredentialsTests
{
    private static readonly RequestFacts Authorized = new() { HasAuthorization = true };
    private static readonly RequestFacts WithCookie = new() { HasCookie = true };

    [Theory]
    [InlineData("max-age=60", false, false)]
    [InlineData("max-age=60, public", true, true)]
    [InlineData("s-maxage=60", true, true)]
    [InlineData("max-age=60, must-revalidate", true, false)]
    [InlineData("max-age=60, proxy-revalidate", false, false)]
    public void Judge_Authorization_NeedsPermission(string directives, bool letter, bool safe)
    {
        var response = Given.Response("Cache-Control: " + directives);
        AssertStored(letter, Reason.ResponseAuthorization, Given.Verdict(response, Given.Rfc9111, Authorized));
        AssertStored(safe, Reason.ResponseAuthorization, Given.Verdict(response, Given.Safe, Authorized));
    }

    [Theory]
    [InlineData("max-age=60", false)]
    [InlineData("max-age=60, must-revalidate", false)]
    [InlineData("max-age=60, public", true)]
    [InlineData("s-maxage=60", true)]
    public void Judge_Cookie_CountsAsCredentialInSafeOnly(string directives, bool safe)
    {
        var response = Given.Response("Cache-Control: " + directives);
        Assert.True(Given.Verdict(response, Given.Rfc9111, WithCookie).Store);
        AssertStored(safe, Reason.Cookies, Given.Verdict(response, Given.Safe, WithCookie));
    }

    [Theory]
    [InlineData(IdentityRule.Isolate)]
    [InlineData(IdentityRule.Claim)]
    [InlineData(IdentityRule.Share)]
    public void Judge_IdentityRule_StoresForThatIdentity(IdentityRule rule)
    {
        var policy = Given.Safe with { Key = KeyRules.Default with { Identity = rule } };
        Assert.True(Given.Verdict(Given.Response("Cache-Control: max-age=60"), policy, Authorized).Store);
    }

    [Theory]
    [InlineData("max-age=60", false)]
    [InlineData("max-age=60, public", true)]
    [InlineData("s-maxage=60", true)]
    public void Decide_CredentialsInSafe_GetSharedResponsesOnly(string directives, bool served)
    {
        var stored = Given.Stored(Given.Response("Cache-Control: " + directives), Given.Safe);
        foreach (var (request, reason) in new[] { (Authorized, Reason.Credentials), (WithCookie, Reason.Cookies) })
        {
            var decision = ServeDecision.For(stored, false, request, Given.Safe, Given.Received.Monotonic);
            Assert.Equal(served ? (ServeAction.Serve, Reason.Fresh) : (ServeAction.Pass, reason), (decision.Action, decision.Reason));
            Assert.Equal(ServeAction.Serve, ServeDecision.For(stored, false, request, Given.Rfc9111, Given.Received.Monotonic).Action);
        }
    }

    [Fact]
    public void Judge_SetCookie_ByProfileAndPolicy()
    {
        var response = Given.Response("Cache-Control: max-age=60", "Set-Cookie: a=b", "X: y");
        Assert.Contains(Given.Verdict(response, Given.Rfc9111).StoredHeaders, field => field.Is("Set-Cookie"));
        Assert.Equal(Reason.ResponseSetCookie, Given.Verdict(response, Given.Safe).Reason);

        var stripped = Given.Verdict(response, Given.Safe with { StripSetCookie = true });
        Assert.True(stripped.Store);
        Assert.DoesNotContain(stripped.StoredHeaders, field => field.Is("Set-Cookie"));
    }

    [Fact]
    public void Judge_SetCookieWithheldByOrigin_IsStoredWithout()
    {
        var verdict = Given.Verdict(Given.Response("Cache-Control: max-age=60, private=\"set-cookie\"", "Set-Cookie: a=b"), Given.Safe);
        Assert.True(verdict.Store);
        Assert.DoesNotContain(verdict.StoredHeaders, field => field.Is("Set-Cookie"));
    }

    [Theory]
    [InlineData("https://a.example", true)]
    [InlineData("null", true)]
    [InlineData("*", false)]
    public void Judge_AllowOriginByName_VariesOnOriginInSafe(string allowed, bool varies)
    {
        var response = Given.Response("Cache-Control: max-age=60", "Vary: Foo", "Access-Control-Allow-Origin: " + allowed);
        Assert.Equal(varies ? ["Foo", "Origin"] : ["Foo"], Given.Verdict(response, Given.Safe).VaryNames);
        Assert.Equal(["Foo"], Given.Verdict(response, Given.Rfc9111).VaryNames);
        Assert.Equal(["origin"], Given.Verdict(Given.Response("Cache-Control: max-age=60", "Vary: origin", "Access-Control-Allow-Origin: " + allowed), Given.Safe).VaryNames);
    }

    [Fact]
    public void Fields_ThatSayWhoAsks_AreThoseThatThePageNames()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "security.md"));

        var named = Name().Matches(Enumeration().Match(page).Groups["names"].Value).Select(match => match.Groups[1].Value);

        Assert.Equal(CredentialFields.All.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"another field that says who asks\s+\((?<names>[^)]+), with underscores too\)")]
    private static partial Regex Enumeration();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Name();

    private static void AssertStored(bool stored, Reason otherwise, StoreVerdict verdict)
    {
        Assert.Equal(stored, verdict.Store);
        Assert.True(stored || verdict.Reason == otherwise);
    }
}
