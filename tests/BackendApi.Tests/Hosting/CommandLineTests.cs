using BackendApi.Hosting;
using Npgsql;

namespace BackendApi.Tests.Hosting;

public sealed class CommandLineTests
{
    [Fact]
    public void Parse_Nothing_BuiltInDataOnPort8000AtFullCost() =>
        Assert.Equal(new BackendOptions("http://127.0.0.1:8000", null, 1), Parse([]));

    [Fact]
    public void Parse_OptionsAndEnvironment_OptionsWin()
    {
        var environment = new Dictionary<string, string> { ["DATABASE_URL"] = "postgres://u@other/x", ["ASPNETCORE_URLS"] = "http://*:1" };

        var given = Parse(["--urls", "http://127.0.0.1:9", "--database", "Host=here;Database=d", "--cost-scale", "0.1"], environment)!;
        Assert.Equal(new BackendOptions("http://127.0.0.1:9", "Host=here;Database=d", 0.1), given);
        var taken = Parse([], environment)!;
        Assert.Equal("http://*:1", taken.Urls);
        Assert.Equal("other:5432/x", DatabaseAddress.Describe(taken.Database!));
    }

    [Fact]
    public void Parse_ConnectionStringOfTheEnvironment_AfterDatabaseUrl() => Assert.Equal(
        "c:5432/d", DatabaseAddress.Describe(Parse([], new() { ["ConnectionStrings__Database"] = "Host=c;Database=d" })!.Database!));

    [Theory]
    [InlineData("--port 5", "--port")]
    [InlineData("--cost-scale fast", "fast")]
    [InlineData("--cost-scale -1", "-1")]
    [InlineData("--urls 127.0.0.1", "127.0.0.1")]
    [InlineData("--urls https://127.0.0.1:1", "https")]
    [InlineData("--urls http://127.0.0.1:70000", "70000")]
    [InlineData("--urls http://127.0.0.1:1/path", "path")]
    [InlineData("--events redis://user:pw@h", "redis://[:password@]host")]
    [InlineData("--events redis://h/shop", "redis://[:password@]host")]
    [InlineData("--events redis://", "redis://")]
    [InlineData("--database Hots=x", "Host=")]
    [InlineData("--database postgres://", "host")]
    public void Parse_BadOption_OneLineNamesIt(string arguments, string named)
    {
        var error = Assert.Throws<BadUsageException>(() => Parse(arguments.Split(' ')));

        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("whsec_not base64!")]
    [InlineData("whsec_")]
    [InlineData("")]
    public void Parse_SecretThatIsNone_IsSaidAtTheStart(string secret) => Assert.Contains(
        "EVENTS_SECRET", Assert.Throws<BadUsageException>(() => Parse(["--events", "http://a.test/hook"], new() { ["EVENTS_SECRET"] = secret })).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("whsec_c2VjcmV0LXNlY3JldA==")]
    [InlineData("anything else")]
    public void Parse_SecretThatIsOne_IsTaken(string secret) =>
        Assert.Equal(secret, Parse(["--events", "http://a.test/hook"], new() { ["EVENTS_SECRET"] = secret })!.EventsSecret);

    [Fact]
    public void DatabaseAddress_Url_EveryPart()
    {
        var builder = new NpgsqlConnectionStringBuilder(DatabaseAddress.Parse("postgresql://us%40er:p%3Ass@db.example.org:6543/shop?sslmode=require"));

        Assert.Equal(("us@er", "p:ss", "db.example.org", 6543, "shop"), (builder.Username, builder.Password, builder.Host, builder.Port, builder.Database));
        Assert.Equal(SslMode.Require, builder.SslMode);
    }

    [Fact]
    public void DatabaseAddress_Bad_MessageKeepsThePassword() => Assert.DoesNotContain(
        "secret", Assert.Throws<BadUsageException>(() => DatabaseAddress.Parse("Password=secret;Hots=x")).Message, StringComparison.Ordinal);

    private static BackendOptions? Parse(string[] arguments, Dictionary<string, string>? environment = null) =>
        new CommandLine().Parse(arguments, name => environment?.GetValueOrDefault(name));
}
