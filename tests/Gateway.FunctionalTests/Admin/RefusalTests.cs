using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace CacheGateway.FunctionalTests.Admin;

/// <summary>What the admin API refuses it refuses in words for who sent it: what, where, and what would be right; never in those of this program.</summary>
public sealed class RefusalTests
{
    private const string Invalidate = "invalidate";
    private const string Explain = "explain";

    [Theory]
    [InlineData(Invalidate, """{"tag":["x"]}""", "$.tag: there is no such member; did you mean \"tags\"?")]
    [InlineData(Invalidate, """{"zzzzzz":1}""", "$.zzzzzz: there is no such member; there are tags, match, urls, prefixes, policies, all, soft, wait, timeoutMs, reason, dryRun, confirm")]
    [InlineData(Invalidate, """{"tags":"x"}""", "$.tags must be a list of strings")]
    [InlineData(Invalidate, """{"tags":["a",7]}""", "$.tags[1] must be a string: $.tags is a list of strings")]
    [InlineData(Invalidate, """{"all":"yes"}""", "$.all must be true or false")]
    [InlineData(Invalidate, """{"all":null}""", "$.all must be true or false")]
    [InlineData(Invalidate, """{"timeoutMs":99999999999}""", "$.timeoutMs must be a whole number from 1 to 60000")]
    [InlineData(Invalidate, """{"timeoutMs":1.5}""", "$.timeoutMs must be a whole number from 1 to 60000")]
    [InlineData(Invalidate, """{"tags":["a"],"Tags":["b"]}""", "$.Tags stands twice; one of them must go")]
    [InlineData(Invalidate, """{"a\r\nb c":1}""", "$[\"a\\r\\nb c\"]: there is no such member; there are tags,")]
    [InlineData(Invalidate, "", "the body is empty; send a JSON object with some of tags, match, urls,")]
    [InlineData(Invalidate, " \n", "the body is empty;")]
    [InlineData(Invalidate, """{"tags":["a" """, "the body is not valid JSON: it ends at line 1, character 14, before all that it begins is closed")]
    [InlineData(Invalidate, "{\n  'tags': []}", "the body is not valid JSON at line 2, character 3;")]
    [InlineData(Invalidate, """["a"]""", "the body must be an object with some of tags,")]
    [InlineData(Invalidate, """{"tags":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}""", "the body has objects or lists within one another more than 16 deep")]
    [InlineData(Explain, """{"url":7}""", "$.url must be a string")]
    [InlineData(Explain, """{"url":"/x","headers":[]}""", "$.headers must be an object whose values are strings")]
    [InlineData(Explain, """{"url":"/x","headers":{"A":1}}""", "$.headers.A must be a string")]
    [InlineData(Explain, """{"url":"/x","response":{"status":"x"}}""", "$.response.status must be a whole number from 200 to 599")]
    [InlineData(Explain, """{"url":"/x","response":{"stauts":200}}""", "$.response.stauts: there is no such member; did you mean \"status\"?")]
    [InlineData("events", """{"event":"a","data":{"id":1,"id":2}}""", "$.data.id stands twice; one of them must go")]
    [InlineData("warm-cache", """{"urls":null}""", "$.urls must be a list of strings")]
    [InlineData("warm-cache", """{"concurrency":"many"}""", "$.concurrency must be a whole number from 1 to 64")]
    [InlineData("warm-cache", """{"ratePerSecond":[]}""", "$.ratePerSecond must be a number from 0 to 10000")]
    [InlineData("benchmark/transparent", """{"requests":{}}""", "$.requests must be a whole number from 1 to 100")]
    public async Task Body_ThatIsWrong_IsRefusedInTheWordsOfJson(string path, string body, string detail)
    {
        await using var env = await GatewayEnvironment.StartAsync();

        var problem = await ProblemAsync(await env.PostAdminAsync("/api/v2/cache/" + path, body), 400);

        Assert.StartsWith(detail, problem.Text("detail"), StringComparison.Ordinal);
        Assert.All(["System", "CacheGateway", "isFinalBlock", ".NET", "BytePosition"], word => Assert.DoesNotContain(word, problem.GetRawText(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("\uFEFF")]
    [InlineData("")]
    public async Task Body_WithOrWithoutAByteOrderMark_IsRead(string mark)
    {
        await using var env = await GatewayEnvironment.StartAsync();

        using var answer = await env.PostAdminAsync("/api/v2/cache/invalidate", mark + """{"tags":["a"]}""");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("entries?page=x", "page must be a whole number from 1 to 100000", "Write it like ?page=1")]
    [InlineData("entries?size=99999999999", "size must be a whole number from 1 to 200", "Write it like ?size=1")]
    [InlineData("top?limit=zz", "limit must be a whole number from 1 to 200", "Write it like ?limit=1")]
    [InlineData("audit?limit=zz", "limit must be a whole number from 1 to 200", "Write it like ?limit=1")]
    [InlineData("top?limit=1&limit=2", "limit must be a whole number from 1 to 200", "It stands 2 times in the query; once is right")]
    [InlineData("heatmap?points=1.5", "points must be a whole number from 1 to 288", "Write it like ?points=1")]
    [InlineData("heatmap?step=0", "step must be a number of seconds, above 0 and up to 3600", "Write it like ?step=60")]
    [InlineData("metrics?window=abc", "window must be a number of seconds, above 0 and up to 86400", "Write it like ?window=60")]
    [InlineData("metrics?window=-1", "window must be a number of seconds, above 0 and up to 86400", "Write it like ?window=60")]
    [InlineData("performance-report?period=1h", "period must be a number of seconds, above 0 and up to 43200", "Write it in seconds: ?period=3600")]
    [InlineData("performance-report?period=43201", "period must be a number of seconds, above 0 and up to 43200", "More is not kept: it is compared with as much before it")]
    public async Task QueryNumber_ThatIsNone_IsNamed(string target, string title, string detail)
    {
        await using var env = await GatewayEnvironment.StartAsync();

        var problem = await ProblemAsync(await env.AdminAsync("/api/v2/cache/" + target), 400);

        Assert.Equal((title, detail), (problem.Text("title"), problem.Text("detail")));
    }

    [Theory]
    [InlineData("entries?page=2&size=200")]
    [InlineData("entries?page=&size=1000")]
    [InlineData("heatmap?points=-3")]
    [InlineData("metrics?window=0.5")]
    [InlineData("metrics?window=1e9")]
    [InlineData("heatmap?step=1&points=1000")]
    [InlineData("top?limit=1000")]
    public async Task QueryNumber_BeyondWhatHasAnEffect_IsTakenForTheLimit(string target)
    {
        await using var env = await GatewayEnvironment.StartAsync();

        using var answer = await env.AdminAsync("/api/v2/cache/" + target);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Parameter_OfEntriesThatThereIsNot_IsNamed_WithThoseThatThereAre()
    {
        await using var env = await GatewayEnvironment.StartAsync();

        var problem = await ProblemAsync(await env.AdminAsync("/api/v2/cache/entries?polcy=x"), 400);

        Assert.Equal(("There is no parameter \"polcy\"", "There are policy, tag, prefix, page, size; did you mean \"policy\"?"), (problem.Text("title"), problem.Text("detail")));
    }

    /// <summary>Whoever used the wrong method is told that, and not of a content type.</summary>
    [Theory]
    [InlineData("DELETE", "invalidate", null, 405)]
    [InlineData("PUT", "invalidate", "text/plain", 405)]
    [InlineData("POST", "metrics", null, 405)]
    [InlineData("POST", "nothing", null, 404)]
    [InlineData("POST", "invalidate", null, 415)]
    [InlineData("POST", "invalidate", "text/plain", 415)]
    [InlineData("POST", "warm-cache/1/cancel", "text/plain", 415)]
    public async Task Method_IsLookedAtBeforeTheContent(string method, string path, string? type, int status)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        using var client = new HttpClient { BaseAddress = env.Addresses[^1] };
        using var request = new HttpRequestMessage(new HttpMethod(method), "/api/v2/cache/" + path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes("""{"all":true}""")) };
        request.Content.Headers.ContentType = type is null ? null : new MediaTypeHeaderValue(type);

        var answer = await client.SendAsync(request);

        Assert.Equal(status == 405, answer.Content.Headers.Allow.Count > 0);
        await ProblemAsync(answer, status);
    }

    private static async Task<JsonElement> ProblemAsync(HttpResponseMessage answer, int status)
    {
        using (answer)
        {
            var text = await answer.Content.ReadAsStringAsync();
            Assert.Equal((status, "application/problem+json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
            return JsonDocument.Parse(text).RootElement;
        }
    }
}
