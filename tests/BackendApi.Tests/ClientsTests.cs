using BackendApi.Tests.Setup;

namespace BackendApi.Tests;

public sealed class ClientsOnMemory(MemoryBackend backend) : ClientsTests(backend), IClassFixture<MemoryBackend>;

public sealed class ClientsOnPostgres(PostgresBackend backend) : ClientsTests(backend), IClassFixture<PostgresBackend>;

public abstract class ClientsTests(BackendFixture backend) : BackendTests(backend)
{
    private static readonly object Somebody = new { name = "Zoe Testperson", email = "zoe@example.org", language = "en", country = "Spain" };

    [Fact]
    public async Task List_NoParameters_FirstTwentyOfThousands()
    {
        var list = await Backend.GetAsync("/clients");

        Assert.True(list.Int("total") >= 4990);
        Assert.Equal(20, list.Items().Length);
        Assert.Equal((1, 20), (list.Int("page"), list.Int("perPage")));
        Assert.Equal(1, list.Items()[0].Int("id"));
    }

    [Fact]
    public async Task List_SecondPage_ContinuesTheFirst()
    {
        var both = (await Backend.GetAsync("/clients?per_page=10")).Items();
        var second = (await Backend.GetAsync("/clients?per_page=5&page=2")).Items();

        Assert.Equal(both[5..].Select(client => client.Int("id")), second.Select(client => client.Int("id")));
    }

    [Fact]
    public async Task List_PageAfterTheLast_IsEmptyAndHasTotalAndVersion()
    {
        var list = await Backend.GetAsync("/clients?page=9000");

        Assert.Empty(list.Items());
        Assert.True(list.Int("total") > 0);
        Assert.True(list.Version() > 0);
    }

    [Fact]
    public async Task List_NameAndLanguage_OnlyMatchesInAnyCase()
    {
        var list = await Backend.GetAsync("/clients?name=aDA&language=de&per_page=100");

        Assert.NotEmpty(list.Items());
        Assert.All(list.Items(), client => Assert.Contains("ada", client.Text("name"), StringComparison.OrdinalIgnoreCase));
        Assert.All(list.Items(), client => Assert.Equal("de", client.Text("language")));
        Assert.Equal(list.Items().Length, list.Int("total"));
    }

    [Theory]
    [InlineData("%25")]
    [InlineData("_")]
    [InlineData("%5C")]
    [InlineData("'; DROP TABLE clients; --")]
    public async Task List_NameWithSignsOfSql_IsText(string name) =>
        Assert.Equal(0, (await Backend.GetAsync($"/clients?name={name}")).Int("total"));

    [Theory]
    [InlineData("page=0", "page")]
    [InlineData("page=-1", "page")]
    [InlineData("page=x", "page")]
    [InlineData("page=99999999999", "page")]
    [InlineData("per_page=101", "per_page")]
    [InlineData("language=deu", "language")]
    [InlineData("name=%00", "name")]
    public async Task List_BadParameter_ProblemNamesIt(string query, string name)
    {
        var answer = await Backend.SendAsync(HttpMethod.Get, $"/clients?{query}");

        Assert.Equal((400, "application/problem+json"), (answer.Status, answer.ContentType));
        Assert.Equal([name], answer.Body.Names("errors"));
    }

    [Fact]
    public async Task Write_ThenRead_NewDataUnderTheVersionOfTheWrite()
    {
        var made = await Backend.SendAsync(HttpMethod.Post, "/clients", Somebody);
        var path = made.Response.Headers.Location!.ToString();
        Assert.Equal(201, made.Status);
        Assert.Equal($"/clients/{made.Body.Int("id")}", path);
        Assert.Equal(made.Body.Version(), (await Backend.GetAsync("/clients?name=zoe%20test")).Version());
        Assert.Equal(made.Body.GetRawText(), (await Backend.GetAsync(path)).GetRawText());

        var changed = await Backend.SendAsync(HttpMethod.Put, path, new { name = "Zoe Changed", email = "z@example.org", language = "fr", country = "Italy" });
        Assert.Equal((200, made.Body.Version() + 1), (changed.Status, changed.Body.Version()));
        Assert.Equal("Zoe Changed", (await Backend.GetAsync(path)).Text("name"));

        var gone = await Backend.SendAsync(HttpMethod.Delete, path);
        Assert.Equal((200, changed.Body.Version() + 1), (gone.Status, gone.Body.Version()));
        Assert.Equal(404, (await Backend.SendAsync(HttpMethod.Get, path)).Status);
        Assert.Equal(gone.Body.Version(), (await Backend.GetAsync("/clients?language=de")).Version());
    }

    [Fact]
    public async Task Write_UnknownId_404AndNoNewVersion()
    {
        var before = (await Backend.GetAsync("/clients")).Version();

        Assert.Equal(404, (await Backend.SendAsync(HttpMethod.Put, "/clients/999999", Somebody)).Status);
        Assert.Equal(404, (await Backend.SendAsync(HttpMethod.Delete, "/clients/999999")).Status);
        Assert.Equal(before, (await Backend.GetAsync("/clients")).Version());
    }

    [Fact]
    public async Task Write_ManyAtOnce_EachHasAVersionOfItsOwn()
    {
        var before = (await Backend.GetAsync("/clients")).Version();

        var made = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Backend.SendAsync(HttpMethod.Post, "/clients", Somebody)));

        Assert.Equal(Enumerable.Range(1, 20).Select(step => before + step), made.Select(answer => answer.Body.Version()).Order());
        Assert.Equal(20, made.Select(answer => answer.Body.Int("id")).Distinct().Count());
    }

    [Theory]
    [InlineData("{}", "name")]
    [InlineData("not json", "body")]
    [InlineData("null", "body")]
    [InlineData("""{"name":5}""", "name")]
    [InlineData("""{"name":"\ud800"}""", "name")]
    [InlineData("""{"name":"a\u0000b"}""", "name")]
    [InlineData("""{"name":"A","email":"nobody","language":"en","country":"Spain"}""", "email")]
    [InlineData("""{"name":"A","email":"a@example.org","language":"EN","country":"Spain"}""", "language")]
    public async Task Create_BadBody_ProblemNamesIt(string body, string name)
    {
        var answer = await Backend.SendAsync(HttpMethod.Post, "/clients", body);

        Assert.Equal((400, "application/problem+json"), (answer.Status, answer.ContentType));
        Assert.Contains(name, answer.Body.Names("errors"));
    }

    [Theory]
    [InlineData("text/plain", 415)]
    [InlineData("application/json; charset=nonsense", 415)]
    public async Task Create_OtherContentType_Problem(string type, int status)
    {
        using var content = new ByteArrayContent("{}"u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        var response = await Backend.Client.PostAsync("/clients", content);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("GET", "/clients/999999", 404)]
    [InlineData("GET", "/clients/seven", 404)]
    [InlineData("GET", "/nothing/here", 404)]
    [InlineData("PATCH", "/clients", 405)]
    public async Task Request_ForNothing_Problem(string method, string path, int status)
    {
        var answer = await Backend.SendAsync(new HttpMethod(method), path);

        Assert.Equal((status, "application/problem+json"), (answer.Status, answer.ContentType));
    }

    [Fact]
    public async Task Head_OfAnItem_HasNoBody()
    {
        var answer = await Backend.SendAsync(HttpMethod.Head, "/clients/7");

        Assert.Equal((200, default), (answer.Status, answer.Body.ValueKind));
    }

    [Fact]
    public async Task Read_Plain_SaysNothingOfCaching()
    {
        var response = (await Backend.SendAsync(HttpMethod.Get, "/clients/7")).Response;

        Assert.Null(response.Headers.CacheControl);
        Assert.Null(response.Headers.ETag);
        Assert.Null(response.Content.Headers.LastModified);
    }
}
