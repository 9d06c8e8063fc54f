using System.Text;
using CacheGateway.Cli;
using CacheGateway.Hosting;
using Microsoft.Extensions.Configuration;

namespace CacheGateway.Tests.Hosting;

/// <summary>What nobody reads is told, with what may have been meant.</summary>
public sealed class SettingKeysTests
{
    [Fact]
    public void Options_AreThoseOfRun() => Assert.Equal(new RunOptions().Keys.Order(StringComparer.Ordinal), SettingKeys.Options.Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("{ 'Polices': 'p.json' }", "CacheGateway:Polices: nobody reads \"Polices\"; did you mean \"Policies\"?")]
    [InlineData("{ 'Memroy': '1GB' }", "CacheGateway:Memroy: nobody reads \"Memroy\"; did you mean \"Memory\"?")]
    [InlineData("{ 'Alerts': { 'HitRation': 1 } }", "CacheGateway:Alerts:HitRation: nobody reads \"HitRation\"; did you mean \"Alerts:HitRatio\"?")]
    [InlineData("{ 'RedisSigningKey': ['old', 'new'] }", "CacheGateway:RedisSigningKey: it is one value, and there is a list or a section; write a list in one text")]
    [InlineData("{ 'AdminToken': ['old', 'new'] }", "CacheGateway:AdminToken: it is one value, and there is a list or a section; write a list in one text")]
    [InlineData("{ 'RedisUrl': ['redis://:pw@h'] }", "CacheGateway:RedisUrl: it is one value, and there is a list or a section; write a list in one text")]
    [InlineData("{ 'Urls': ['http://a', 'http://b'] }", "CacheGateway:Urls: it is one value, and there is a list or a section; write a list in one text, such as \"http://a;http://b\"")]
    public void KeyInTheFile_ThatNobodyReads_IsTold(string section, string error) => Assert.Equal([error], Unread(section));

    [Theory]
    [InlineData("{ 'policies': 'p.json', 'DefaultTtl': 5, 'redisurl': 'x', 'Alerts': { 'Window': '1m' }, 'Security': { 'MinimumRuntime': '10.0.1' }, 'Webhook': { 'Secrets': ['a', 'b'] } }")]
    [InlineData("{ 'Webhook': { 'Secrets': 'a,b' }, 'Memory': null }")]
    public void KeysThatAreRead_AreNotTold(string section) => Assert.Empty(Unread(section));

    [Fact]
    public void Variables_ThatHaveNoEffect_AreTold_AndNoOthers() => Assert.Equal(
        ["CACHEGATEWAY__MEMROY is no setting and has no effect; did you mean \"CACHEGATEWAY__MEMORY\"?", "CACHEGATEWAY__SOMETHINGELSE is no setting and has no effect"],
        SettingKeys.Ignored(
        [
            "CACHEGATEWAY__MEMROY", "CACHEGATEWAY__MEMORY", "CacheGateway__Node", "CACHEGATEWAY__ADMIN", "CACHEGATEWAY__ALERTS__BUSLAG", "CACHEGATEWAY__WEBHOOK__SECRETS__0",
            "CACHEGATEWAY_PORT", "CACHEGATEWAY__SOMETHINGELSE", "PATH",
        ]));

    private static IReadOnlyList<string> Unread(string section) =>
        SettingKeys.Unread(new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes($"{{ \"CacheGateway\": {section.Replace('\'', '"')} }}"))).Build().GetSection("CacheGateway"));
}
