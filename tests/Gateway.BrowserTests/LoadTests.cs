using System.Globalization;
using System.Net;
using System.Text.Json;

namespace CacheGateway.BrowserTests;

/// <summary>
/// Every number of the API and of the pages is the one that the backend and the clients count for themselves, within 1 %, after some thousand
/// requests of every kind side by side.
/// </summary>
public sealed class LoadTests(Browser browser)
{
    private const int Clients = 16;
    private const int RequestsPerClient = 250;

    private const string Policies = """
        { "policies": {
          "pages": { "match": { "path": "/pages/{id}" }, "ttl": "10m", "invalidates": ["page:{id}"], "tags": ["page:{id}"] },
          "news": { "match": { "path": "/news/{id}" }, "origin": "respect" },
          "users": { "match": { "path": "/users/{id}" }, "ttl": "10m" },
          "broken": { "match": { "path": "/broken/{id}" }, "ttl": "10m", "staleIfError": "0s" }
        } }
        """;

    [Fact]
    public async Task Numbers_AreThoseOfTheBackendAndOfTheClients()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, Policies);
        var origin = await MixedOrigin.StartAsync();
        // A refresh ahead is asked of the origin on nobody's behalf: without it each request is either answered here or costs the origin one.
        await using var site = await Site.StartAsync(origin.App, settings => settings with { PoliciesFile = file, RefreshAhead = 0 });
        var seen = (await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => DriveAsync(site, origin, new Random(client))))).SelectMany(one => one).ToList();
        await site.CountedAsync();

        // Some of everything.
        Assert.All((string[])["pages", "news", "users", "broken", "other", "POST"], kind => Assert.True(origin.Requests[kind] > 10, kind));
        Assert.True(origin.NotModified > 10);
        Assert.Contains(seen, one => one.Status == HttpStatusCode.NotModified);
        Assert.Contains(seen, one => one.Status == HttpStatusCode.InternalServerError);

        var metrics = await site.ApiAsync("/api/v2/cache/metrics");
        var total = metrics.GetProperty("total");
        AssertSame(seen.Count, Number(total, "requests"));
        AssertSame(origin.All, Number(total, "originRequests"));
        AssertSame(seen.Count - origin.All, Number(total, "originRequestsSaved"));
        AssertSame(seen.Count(one => one.IsHit), Number(total, "hits"));
        AssertSame(HitRatio(seen.Count, origin.All, origin.Requests["POST"]), Number(total, "hitRatio"));
        AssertSame(seen.Count(one => one is { IsHit: true, Status: HttpStatusCode.NotModified }), Number(total.GetProperty("levels"), "client"));
        AssertSame(seen.Sum(one => one.Bytes), total.GetProperty("bytes").EnumerateObject().Sum(level => level.Value.GetDouble()));
        // Each kind costs what it costs: what spares a cheap one spares no dear one.
        var saved = seen.GroupBy(one => one.Kind).Sum(kind => (kind.Count() - AtOrigin(origin, kind.Key)) * MixedOrigin.QueriesOf(kind.Key));
        AssertSame(saved, Number(total, "queriesSaved"));
        var policies = metrics.GetProperty("policies").EnumerateArray().ToDictionary(one => one.GetProperty("policy").GetString()!, one => one.GetProperty("numbers"));
        foreach (var kind in seen.Select(one => one.Kind).Distinct())
        {
            var numbers = policies[kind];
            var own = seen.Where(one => one.Kind == kind).ToList();
            AssertSame(own.Count, Number(numbers, "requests"));
            AssertSame(AtOrigin(origin, kind), Number(numbers, "originRequests"));
            AssertSame(own.Count(one => one.IsHit), Number(numbers, "hits"));
            AssertSame(own.Sum(one => one.Bytes), numbers.GetProperty("bytes").EnumerateObject().Sum(level => level.Value.GetDouble()));
        }

        using var prometheus = await site.AdminAsync(new HttpRequestMessage(HttpMethod.Get, "/metrics"));
        var text = await prometheus.Content.ReadAsStringAsync();
        AssertSame(seen.Count, Sum(text, "cachegateway_requests_total"));
        AssertSame(origin.All, Sum(text, "cachegateway_origin_requests_total"));

        await using var window = await browser.OpenAsync(site.Admin);
        await window.GoAsync("/");
        AssertSame(seen.Count, await window.NumberAsync("#requests"));
        AssertShown(100 * HitRatio(seen.Count, origin.All, origin.Requests["POST"]), await window.NumberAsync("#hit-ratio"));
        AssertSame(saved, await window.NumberAsync("#queries-saved"));
        await window.GoAsync("/policies");
        foreach (var kind in policies.Keys.Where(name => name != "none"))
        {
            var own = seen.Count(one => one.Kind == kind);
            var row = window.Page.Locator("tbody tr", new PageLocatorOptions { Has = window.Page.Locator($"th a:text-is(\"{kind}\")") });
            AssertSame(own, await CellAsync(row, "Requests"));
            AssertSame(AtOrigin(origin, kind), await CellAsync(row, "Origin asked"));
            AssertShown(100 * HitRatio(own, AtOrigin(origin, kind), 0), await CellAsync(row, "Hit ratio"));
        }

        Assert.Empty(window.Complaints);
        File.Delete(file);
    }

    private static int AtOrigin(MixedOrigin origin, string kind) => kind == "none" ? origin.Requests["other"] + origin.Requests["POST"] : origin.Requests[kind];

    private static async Task<List<Answer>> DriveAsync(Site site, MixedOrigin origin, Random random)
    {
        var seen = new List<Answer>();
        // What lives a second has to expire now and then: a fast machine asks for longer.
        for (var i = 0; i < RequestsPerClient || (origin.NotModified <= 10 && i < 10 * RequestsPerClient); i++)
        {
            var (kind, ids) = random.Next(100) switch { < 60 => ("pages", 30), < 75 => ("news", 5), < 87 => ("users", 50), < 95 => ("broken", 400), _ => ("other", 3) };
            var isPost = kind == "pages" && random.Next(50) == 0;
            using var request = new HttpRequestMessage(isPost ? HttpMethod.Post : HttpMethod.Get, new Uri($"/{kind}/{random.Next(ids)}", UriKind.Relative));
            if (kind == "pages" && !isPost && random.Next(4) == 0)
            {
                request.Headers.IfNoneMatch.ParseAdd("\"page\"");
            }

            using var response = await site.SendAsync(request);
            var body = await response.Content.ReadAsByteArrayAsync();
            var isHit = response.Headers.TryGetValues("Cache-Status", out var status) && status.Any(value => value.Contains("; hit", StringComparison.Ordinal));
            // A write is no policy's: it is forwarded, and clears what policies say.
            seen.Add(new Answer(isPost || kind == "other" ? "none" : kind, response.StatusCode, isHit, body.Length));

            // A pace, not a wait: clients pause, and what lives a second is asked for again after it.
            await Task.Delay(random.Next(15));
        }

        return seen;
    }

    /// <summary>Requests that the origin was spared, of those that could have been: writes are its own.</summary>
    private static double HitRatio(int requests, int atOrigin, int writes) => (requests - atOrigin) / (double)(requests - writes);

    private static void AssertSame(double expected, double actual) => Assert.InRange(actual, expected * 0.99, expected * 1.01);

    /// <summary>A percentage with one digit behind the point.</summary>
    private static void AssertShown(double expected, double actual) => Assert.InRange(actual, (expected * 0.99) - 0.05, (expected * 1.01) + 0.05);

    private static double Number(JsonElement numbers, string name) => numbers.GetProperty(name).GetDouble();

    private static double Sum(string text, string name) => text.Split('\n')
        .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is ' ' or '{')
        .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    private static async Task<double> CellAsync(ILocator row, string label) =>
        double.Parse(string.Concat((await row.Locator($"td[data-label=\"{label}\"]").InnerTextAsync()).Where(c => char.IsAsciiDigit(c) || c == '.')), CultureInfo.InvariantCulture);

    private sealed record Answer(string Kind, HttpStatusCode Status, bool IsHit, int Bytes);
}
