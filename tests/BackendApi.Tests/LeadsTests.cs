using BackendApi.Tests.Setup;

namespace BackendApi.Tests;

public sealed class LeadsOnMemory(MemoryBackend backend) : LeadsTests(backend), IClassFixture<MemoryBackend>;

public sealed class LeadsOnPostgres(PostgresBackend backend) : LeadsTests(backend), IClassFixture<PostgresBackend>;

public abstract class LeadsTests(BackendFixture backend) : BackendTests(backend)
{
    private static object LeadOf(string owner, int category = 3) =>
        new { name = "Big Deal", email = "deal@example.org", categoryId = category, status = "won", owner, value = 1000.5m };

    [Fact]
    public async Task List_StatusCategoryAndSearch_OnlyMatches()
    {
        var list = await Backend.GetAsync("/api/leads/?status=won&category=3&search=an&per_page=100");

        Assert.NotEmpty(list.Items());
        Assert.All(list.Items(), lead => Assert.Equal(("won", 3), (lead.Text("status"), lead.Int("categoryId"))));
        Assert.All(list.Items(), lead => Assert.Contains("an", lead.Text("name"), StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Paths_WithAndWithoutSlash_AreTheSame()
    {
        Assert.Equal((await Backend.GetAsync("/api/leads/")).Int("total"), (await Backend.GetAsync("/api/leads")).Int("total"));
        Assert.Equal(5, (await Backend.GetAsync("/api/leads/5/")).Int("id"));
    }

    [Fact]
    public async Task Summary_AfterANewLead_CountsIt()
    {
        var before = await Backend.GetAsync("/api/leads/summary");
        var made = await Backend.SendAsync(HttpMethod.Post, "/api/leads/", LeadOf("alice"));
        var after = await Backend.GetAsync("/api/leads/summary");

        Assert.Equal(201, made.Status);
        Assert.Equal(before.Int("leads") + 1, after.Int("leads"));
        Assert.Equal(WonValue(before) + 1000.5m, WonValue(after));
        Assert.Equal(made.Body.Version(), after.Version());
    }

    [Theory]
    [InlineData(99, "won")]
    [InlineData(3, "perhaps")]
    public async Task Create_UnknownCategoryOrStatus_400(int category, string status)
    {
        var answer = await Backend.SendAsync(
            HttpMethod.Post, "/api/leads/", new { name = "A", email = "a@example.org", categoryId = category, status, owner = "bob", value = 1 });

        Assert.Equal((400, "application/problem+json"), (answer.Status, answer.ContentType));
    }

    [Fact]
    public async Task Write_ChangeAndRemove_ItemFollows()
    {
        var made = (await Backend.SendAsync(HttpMethod.Post, "/api/leads/", LeadOf("bob"))).Body;
        var path = $"/api/leads/{made.Int("id")}/";

        var changed = await Backend.SendAsync(HttpMethod.Put, path, LeadOf("carol", category: 4));
        Assert.Equal(("carol", 4), ((await Backend.GetAsync(path)).Text("owner"), changed.Body.Int("categoryId")));
        Assert.Equal(200, (await Backend.SendAsync(HttpMethod.Delete, path)).Status);
        Assert.Equal(404, (await Backend.SendAsync(HttpMethod.Get, path)).Status);
    }

    [Fact]
    public async Task Categories_SameETag_304WithoutBody()
    {
        var first = await Backend.SendAsync(HttpMethod.Get, "/api/leads/categories");
        using var again = new HttpRequestMessage(HttpMethod.Get, "/api/leads/categories");
        again.Headers.IfNoneMatch.Add(first.Response.Headers.ETag!);
        var second = await Backend.Client.SendAsync(again);

        Assert.Equal(12, first.Body.Items().Length);
        Assert.Equal("public, max-age=1800", first.Response.Headers.CacheControl!.ToString());
        Assert.False(first.Response.Headers.ETag!.IsWeak);
        Assert.Equal(304, (int)second.StatusCode);
        Assert.Equal(first.Response.Headers.ETag, second.Headers.ETag);
        Assert.Equal("public, max-age=1800", second.Headers.CacheControl!.ToString());
        Assert.Empty(await second.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Config_HasSettings() =>
        Assert.Equal("EUR", (await Backend.GetAsync("/api/static/config")).GetProperty("settings").Text("currency"));

    [Fact]
    public async Task Mine_TwoUsers_EachSeesOnlyTheirOwn()
    {
        var made = (await Backend.SendAsync(HttpMethod.Post, "/api/leads/", LeadOf("dave"))).Body;
        var dave = await Backend.GetAsync("/api/leads/mine?per_page=100", "Bearer dave");
        var alice = await Backend.GetAsync("/api/leads/mine?per_page=100", "Bearer alice");

        Assert.Equal(("dave", "alice"), (dave.Text("user"), alice.Text("user")));
        Assert.Contains(dave.Items(), lead => lead.Int("id") == made.Int("id"));
        Assert.All(dave.Items(), lead => Assert.Equal("dave", lead.Text("owner")));
        Assert.All(alice.Items(), lead => Assert.Equal("alice", lead.Text("owner")));
    }

    [Theory]
    [InlineData("Bearer alice", "admin", "leads.delete")]
    [InlineData("bearer bob", "editor", "leads.change")]
    [InlineData("Bearer stranger", "guest", "leads.categories")]
    public async Task Permissions_ByUser(string authorization, string role, string permission)
    {
        var answer = await Backend.GetAsync("/api/auth/permissions", authorization);

        Assert.Equal((authorization.Split(' ')[1], role), (answer.Text("user"), answer.Text("role")));
        Assert.Contains(permission, answer.Items("permissions").Select(allowed => allowed.GetString()));
    }

    [Theory]
    [InlineData("/api/auth/permissions", null)]
    [InlineData("/api/auth/permissions", "Basic YWxpY2U6eA==")]
    [InlineData("/api/auth/permissions", "Bearer")]
    [InlineData("/api/leads/mine", "Bearer alice bob")]
    [InlineData("/api/leads/mine", null)]
    public async Task PersonalData_WithoutAUser_401(string path, string? authorization)
    {
        var answer = await Backend.SendAsync(HttpMethod.Get, path, authorization: authorization);

        Assert.Equal((401, "application/problem+json"), (answer.Status, answer.ContentType));
        Assert.Equal("Bearer", answer.Response.Headers.WwwAuthenticate.ToString());
    }

    private static decimal WonValue(System.Text.Json.JsonElement summary) =>
        summary.Items("byStatus").Single(status => status.Text("status") == "won").Decimal("value");
}
