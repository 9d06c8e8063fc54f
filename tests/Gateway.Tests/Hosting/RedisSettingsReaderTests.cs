using CacheGateway.Hosting;
using CacheGateway.Storage.Redis;

namespace CacheGateway.Tests.Hosting;

public sealed class RedisSettingsReaderTests
{
    [Fact]
    public void NothingGiven_IsNoRedis() => Assert.Null(Read());

    [Fact]
    public void List_NamesTheServers_AndWinsOverTheEnvironment()
    {
        var settings = Read(("Redis", "one, two:7001,[::1]:7002"), ("REDIS_URL", "redis://other"), ("REDIS_PASSWORD", "secret"))!;

        Assert.Equal(["one:6379", "two:7001", "[::1]:7002"], settings.EndPoints);
        Assert.Equal("secret", settings.Password);
    }

    [Fact]
    public void Url_GivesServerPasswordDatabaseAndTls()
    {
        var settings = Read(("REDIS_URL", "rediss://default:p%40ss@cache.test:7001/3"))!;

        Assert.Equal(("cache.test:7001", "p@ss", 3, true, null), (settings.EndPoints.Single(), settings.Password, settings.Database, settings.Ssl, settings.User));
    }

    [Fact]
    public void Variables_GiveServerPortDatabaseTlsAndCap()
    {
        var settings = Read(("REDIS_HOST", "h"), ("REDIS_PORT", "1234"), ("REDIS_DB", "2"), ("REDIS_SSL", "true"), ("REDIS_MAX_CONNECTIONS", "9"))!;

        Assert.Equal(("h:1234", 2, true, 9), (settings.EndPoints.Single(), settings.Database, settings.Ssl, settings.MaxCalls));
    }

    [Fact]
    public void SigningKeys_TheFirstSigns_TheOthersVerify()
    {
        var settings = Read(("REDIS_HOST", "h"), ("REDIS_SIGNING_KEY", "new, old,older"))!;

        Assert.Equal("new", settings.SigningKey);
        Assert.Equal(["old", "older"], settings.OtherSigningKeys);
        Assert.Null(Read(("REDIS_HOST", "h"))!.SigningKey);
    }

    [Fact]
    public void PortOfAServiceCalledRedis_WhichKubernetesPutsThere_IsNobodysSetting() =>
        Assert.Equal("h:6379", Read(("REDIS_HOST", "h"), ("REDIS_PORT", "tcp://10.0.0.1:6379"))!.EndPoints.Single());

    [Theory]
    [InlineData("Redis", "host:port-secret")]
    [InlineData("Redis", "redis://user:secret@host")]
    [InlineData("REDIS_URL", "http://user:secret@host")]
    [InlineData("REDIS_URL", "redis://x:y@host/secret")]
    [InlineData("REDIS_URL", "secret")]
    [InlineData("REDIS_HOST", "a:secret@b")]
    public void WhatCannotWork_IsSaid_WithoutTheSecret(string name, string value)
    {
        var error = Assert.Throws<SettingsException>(() => Read((name, value)));

        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("REDIS_PORT", "abc", "REDIS_PORT: its number must be from 1 to 65535")]
    [InlineData("REDIS_PORT", "0", "REDIS_PORT: its number must be from 1 to 65535")]
    [InlineData("REDIS_MAX_CONNECTIONS", "0", "REDIS_MAX_CONNECTIONS: its number must be from 1 to 65535")]
    [InlineData("REDIS_SIGNING_KEY", " , ", "REDIS_SIGNING_KEY: there is no key in it")]
    [InlineData("REDIS_DB", "x", "REDIS_DB: its number must be from 0 to 65535")]
    public void Value_ThatCannotWork_IsNamedByItsVariable(string name, string value, string error) =>
        Assert.Equal(error, Assert.Throws<SettingsException>(() => Read(("REDIS_HOST", "h"), (name, value))).Message);

    [Theory]
    [InlineData("REDIS_PORT", "6379", true)]
    [InlineData("REDIS_PASSWORD", "secret", true)]
    [InlineData("REDIS_PORT", "tcp://10.0.0.1:6379", false)]
    [InlineData("REDIS_HOST", "h", false)]
    public void WhatNamesNoServer_IsWarnedAbout(string name, string value, bool isWarned)
    {
        var warning = RedisSettingsReader.Warning((key, variable) => name == key || name == variable ? value : null);

        Assert.Equal(isWarned ? $"{name} names no Redis and has no effect; set REDIS_HOST or REDIS_URL, or take it away" : null, warning);
    }

    [Fact]
    public void Settings_PrintNoPassword() =>
        Assert.DoesNotContain("secret", $"{new GatewaySettings { Redis = Read(("REDIS_URL", "redis://:secret@h")) }}", StringComparison.Ordinal);

    private static RedisSettings? Read(params (string Name, string Value)[] given) =>
        RedisSettingsReader.Read((key, variable) => given.FirstOrDefault(pair => pair.Name == key || pair.Name == variable).Value);
}
