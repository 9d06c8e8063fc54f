using System.Net;
using Microsoft.Extensions.Logging;

namespace CacheGateway.FunctionalTests.Admin;

/// <summary>A browser that must sign in first arrives where it was going, and nowhere else.</summary>
public sealed class SignInTests
{
    private const string Token = "0123456789abcdef-correct";

    private static readonly EnvironmentOptions WithToken = new() { Settings = settings => settings with { AdminToken = Token } };

    [Theory]
    [InlineData("/policies/shop-products?range=5m", "/login?to=%2Fpolicies%2Fshop-products%3Frange%3D5m")]
    [InlineData("/", "/login")]
    [InlineData("//evil.test/x", "/login?to=%2F%2Fevil.test%2Fx")]
    public async Task Page_WithoutASession_LeadsToTheSignIn_AndKnowsTheWayBack(string target, string location)
    {
        await using var env = await GatewayEnvironment.StartAsync(WithToken);
        await using var client = await RawClient.ConnectAsync(env.Addresses[^1]);

        await client.SendAsync("GET", target, ["Accept: text/html"]);
        var answer = await client.ReadAsync();

        Assert.Equal((302, location), (answer.Status, answer.Header("Location")));
    }

    [Theory]
    [InlineData("/policies/shop-products?range=5m", "/policies/shop-products?range=5m")]
    [InlineData("/", "/")]
    [InlineData(null, "/")]
    [InlineData("", "/")]
    [InlineData("/login?to=/login", "/")]
    [InlineData("/logout", "/")]
    public async Task SignIn_LeadsBack(string? to, string location) => Assert.Equal(location, await SignInAsync(to));

    [Theory]
    [Attack("F17", "A sign-in that leads to another site")]
    [InlineData("//evil.test/")]
    [InlineData("///evil.test/")]
    [InlineData("/\\evil.test/")]
    [InlineData("\\\\evil.test/")]
    [InlineData("https://evil.test/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("evil.test")]
    [InlineData("/\t/evil.test")]
    [InlineData("/\r\nSet-Cookie: a=b")]
    [InlineData(" /policies")]
    [InlineData("/\u00E4")]
    public async Task SignIn_LeadsNowhereElse(string to) => Assert.Equal("/", await SignInAsync(to));

    /// <summary>Cookies do not know ports: gateways of one host would sign each other out by one name.</summary>
    [Fact]
    public async Task Session_IsNamedByThePort_AndEndsWithSigningOut_ForWhoeverCopiedItsCookie()
    {
        await using var env = await GatewayEnvironment.StartAsync(WithToken);
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = env.Addresses[^1] };
        var (first, second) = (await SignInAsync(client), await SignInAsync(client));

        Assert.StartsWith($"cachegateway-admin-{client.BaseAddress!.Port}=", first, StringComparison.Ordinal);
        Assert.Equal((200, 200), (await StatusAsync(client, first), await StatusAsync(client, second)));
        using var end = new HttpRequestMessage(HttpMethod.Post, "/logout") { Content = new FormUrlEncodedContent([]), Headers = { { "Cookie", first }, { "Origin", client.BaseAddress.ToString().TrimEnd('/') } } };
        (await client.SendAsync(end)).Dispose();

        Assert.Equal((401, 200), (await StatusAsync(client, first), await StatusAsync(client, second)));
        env.Time.Advance(TimeSpan.FromHours(13));
        Assert.Equal(401, await StatusAsync(client, second));
    }

    /// <summary>Who copied a cookie and opened a stream with it sees no more than who opens one.</summary>
    [Theory]
    [InlineData("/live/")]
    [InlineData("/api/v2/cache/events")]
    public async Task OpenStream_EndsWithItsSession(string target)
    {
        await using var env = await GatewayEnvironment.StartAsync(WithToken);
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = env.Addresses[^1] };
        var cookie = await SignInAsync(client);
        await using var stream = await RawClient.ConnectAsync(env.Addresses[^1]);
        await stream.SendAsync("GET", target, [$"Cookie: {cookie}"]);
        Assert.Contains(" 200 ", (await stream.ReadHeadAsync()).StatusLine, StringComparison.Ordinal);
        using var end = new HttpRequestMessage(HttpMethod.Post, "/logout") { Content = new FormUrlEncodedContent([]), Headers = { { "Cookie", cookie }, { "Origin", client.BaseAddress!.ToString().TrimEnd('/') } } };
        (await client.SendAsync(end)).Dispose();

        using var seen = new MemoryStream();
        var whole = stream.Reader.CopyChunkedAsync(seen);
        await Deadline.Until(
            () =>
            {
                env.Time.AdvanceSeconds(2);
                return Task.FromResult(whole.IsCompleted);
            },
            "the stream ends");
        await whole;
    }

    /// <summary>Anybody can send anything to the sign-in.</summary>
    [Theory]
    [InlineData("text/plain", "x", 403)]
    [InlineData("application/json", "{}", 403)]
    [InlineData("multipart/form-data", "x", 400)]
    [InlineData("application/x-www-form-urlencoded", "many", 400)]
    public async Task Content_ThatIsNoForm_IsRefused_AndWritesNoStack(string type, string body, int status)
    {
        var log = new KeptLog();
        await using var env = await GatewayEnvironment.StartAsync(WithToken with { Configure = builder => builder.Logging.AddProvider(log) });
        var content = body == "many" ? string.Join('&', Enumerable.Range(0, 2000).Select(i => $"f{i}=1")) : body;
        await using var client = await RawClient.ConnectAsync(env.Addresses[^1]);
        await client.SendAsync("POST", "/login", [$"Origin: {env.Addresses[^1].GetLeftPart(UriPartial.Authority)}", $"Content-Type: {type}"], content);
        var answer = client.ReadAsync("POST");
        await Deadline.Until(
            () =>
            {
                env.Time.AdvanceSeconds(1);
                return Task.FromResult(answer.IsCompleted);
            },
            "an answer");

        Assert.Equal(status, (await answer).Status);
        Assert.DoesNotContain(log.Lines, line => line.Contains("nhandled", StringComparison.Ordinal) || line.Contains("admin address failed", StringComparison.Ordinal));
    }

    /// <summary>Probes need no token, and tell no more than that there is something to look at.</summary>
    [Fact]
    public async Task Probe_WithoutTheToken_SaysHowManyWarningsThereAre()
    {
        await using var env = await GatewayEnvironment.StartAsync(WithToken with { Policies = """{ "policies": { "p": { "ttl": "1m" } } }""" });
        await env.ChangePoliciesAsync("""{ "policies": { "p": { "ttl": "mine" } } }""");

        async Task<string> ProbeAsync(params string[] lines)
        {
            await using var client = await RawClient.ConnectAsync(env.Addresses[^1]);
            await client.SendAsync("GET", "/healthz", lines);
            return (await client.ReadAsync()).Text;
        }

        Assert.Matches("^ok\nwarning: [1-9]; GET /api/v2/cache/health says which to who has the token\n$", await ProbeAsync());
        Assert.Contains("ttl", await ProbeAsync($"Authorization: Bearer {Token}"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http", false)]
    [InlineData("https", true)]
    public async Task Session_GoesOverTlsAlone_WhereItsPageDid(string scheme, bool secure)
    {
        await using var env = await GatewayEnvironment.StartAsync(WithToken);
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = env.Addresses[^1] };

        Assert.Equal(secure, (await SignInAnswerAsync(client, scheme)).Contains("; secure", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>A browser sends the cookie to the public port of the same host, too: there it is nobody's, and the origin has no use for a session of the admin listener.</summary>
    [Theory]
    [Attack("F02", "The admin address without a right to it")]
    [InlineData("cachegateway-admin-8081=1.a.b", null)]
    [InlineData("cachegateway-admin=1.a.b; cachegateway-admin-8083=2.a.b", null)]
    [InlineData("a=1; cachegateway-admin-8081=1.a.b; b=cachegateway-admin", "a=1; b=cachegateway-admin")]
    public async Task Session_NeitherKeysNorReachesTheOrigin(string cookies, string? seen)
    {
        await using var env = await GatewayEnvironment.StartAsync(WithToken);
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60"));

        await env.GetAsync("/x", "Cookie: " + cookies);
        Assert.Equal(seen, env.Origin.Last("/x").Header("Cookie"));
        if (seen is null)
        {
            CacheAssert.Hit(await env.GetAsync("/x"));
            CacheAssert.Hit(await env.GetAsync("/x", "Cookie: " + cookies));
        }
    }

    private static async Task<int> StatusAsync(HttpClient client, string cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { { "Cookie", cookie } } };
        using var answer = await client.SendAsync(request);
        return (int)answer.StatusCode;
    }

    private static async Task<string> SignInAsync(HttpClient client) => (await SignInAnswerAsync(client, "http")).Split(';')[0];

    private static async Task<string> SignInAnswerAsync(HttpClient client, string scheme)
    {
        using var form = new FormUrlEncodedContent([new("token", Token), new("to", "/")]);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/login") { Content = form, Headers = { { "Origin", $"{scheme}://{client.BaseAddress!.Authority}" }, { "Sec-Fetch-Site", "same-origin" } } };
        using var answer = await client.SendAsync(request);
        return Assert.Single(answer.Headers.GetValues("Set-Cookie"));
    }

    /// <summary>Where the sign-in leads that was opened with a way back, its form as the page has it.</summary>
    private static async Task<string?> SignInAsync(string? to)
    {
        await using var env = await GatewayEnvironment.StartAsync(WithToken);
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = env.Addresses[^1] };
        var page = await client.GetStringAsync(to is null ? "/login" : $"/login?to={Uri.EscapeDataString(to)}");
        var shown = WebUtility.HtmlDecode(System.Text.RegularExpressions.Regex.Match(page, "name=\"to\" value=\"([^\"]*)\"").Groups[1].Value);

        // A form may be made elsewhere: the text itself must lead no further than what the page made of it.
        var made = await PostAsync(client, shown);
        Assert.Equal(made, await PostAsync(client, to ?? ""));
        return made;
    }

    private static async Task<string?> PostAsync(HttpClient client, string to)
    {
        using var form = new FormUrlEncodedContent([new("token", Token), new("to", to)]);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/login") { Content = form, Headers = { { "Origin", client.BaseAddress!.ToString().TrimEnd('/') } } };
        using var answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        return answer.Headers.Location?.OriginalString;
    }
}
