using System.Text;
using CacheGateway.Hosting;
using Microsoft.Extensions.Configuration;

namespace CacheGateway.Tests.Hosting;

/// <summary>Each mistake that the proxy takes without a word is told with its place, its value and what would be right.</summary>
public sealed class ProxySectionTests
{
    private const string Routes = "'Routes': { 'all': { 'ClusterId': 'api', 'Match': { 'Path': '/{**path}' } } }";
    private const string Clusters = "'Clusters': { 'api': { 'Destinations': { 'one': { 'Address': 'http://127.0.0.1:8000' } } } }";

    [Theory]
    [InlineData($"{{ {Routes}, {Clusters} }}")]
    [InlineData($"{{ 'routes': {{ 'all': {{ 'clusterid': 'API', 'Match': {{ 'Path': '/' }} }} }}, {Clusters} }}")]
    [InlineData($"{{ {Routes}, 'Clusters': {{ 'api': {{ 'Destinations': {{ 'one': {{ 'Address': 'https://a.test/base/', 'Health': 'http://a.test:81' }} }} }} }} }}")]
    [InlineData("""
        { 'Routes': { 'all': { 'ClusterId': 'api', 'Order': 1, 'MaxRequestBodySize': 5, 'AuthorizationPolicy': 'anonymous', 'Metadata': { 'anything': 'x' }, 'Transforms': [ { 'RequestHeader': 'Host', 'Set': 'a' }, { 'x-forwarded': 'Set', 'headerprefix': 'x-forwarded-' }, { 'HttpMethodChange': 'PUT', 'Set': 'POST' }, { 'HttpMethodChange': 'HEAD', 'Set': 'GET' } ],
            'Match': { 'Path': '/', 'Methods': [ 'GET' ], 'Hosts': [ 'a.test' ], 'Headers': [ { 'Name': 'x', 'Values': [ 'y' ], 'Mode': 'Exists', 'IsCaseSensitive': true } ], 'QueryParameters': [ { 'Name': 'q', 'Values': [ '1' ] } ] } } },
          'Clusters': { 'api': { 'LoadBalancingPolicy': 'Random', 'SessionAffinity': { 'Enabled': true, 'Policy': 'Cookie', 'AffinityKeyName': 'k', 'Cookie': { 'HttpOnly': true } },
            'HealthCheck': { 'Active': { 'Enabled': true, 'Interval': '00:00:10', 'Path': '/h' }, 'Passive': { 'Enabled': true } }, 'HttpClient': { 'SslProtocols': [ 'Tls12' ], 'WebProxy': { 'Address': 'http://p' } },
            'HttpRequest': { 'ActivityTimeout': '00:00:30', 'Version': '2' }, 'Metadata': { 'm': 'x' }, 'Destinations': { 'one': { 'Address': 'http://a', 'Metadata': { 'm': 'x' } } } } } }
        """)]
    public void WhatWorks_HasNoErrors(string section) => Assert.Empty(Errors(section));

    [Theory]
    [InlineData($"{{ {Routes}, {Clusters}, 'Routs': {{}}, 'Routees': 1 }}", "ReverseProxy:Routees: nobody reads \"Routees\"; there are Routes and Clusters; did you mean \"Routes\"?")]
    [InlineData($"{{ {Clusters} }}", "ReverseProxy:Routes: there is no route, so no request goes anywhere; write one like \"all\": { \"ClusterId\": \"api\", \"Match\": { \"Path\": \"/{**path}\" } }")]
    [InlineData($"{{ 'Routes': {{ 'all': {{ 'ClusterId': 'apy' }} }}, {Clusters} }}", "ReverseProxy:Routes:all:ClusterId: \"apy\" is no cluster; did you mean \"api\"?")]
    [InlineData($"{{ 'Routes': {{ 'all': {{ 'ClusterId': 'orders' }} }}, {Clusters} }}", "ReverseProxy:Routes:all:ClusterId: \"orders\" is no cluster; there is \"api\"")]
    [InlineData($"{{ 'Routes': {{ 'all': {{ 'Match': {{ 'Path': '/' }} }} }}, {Clusters} }}", "ReverseProxy:Routes:all:ClusterId: it is missing; it names the cluster that takes the requests; there is \"api\"")]
    [InlineData($"{{ {Routes}, 'Clusters': {{ 'api': {{ 'Destinatons': {{ 'one': {{}} }} }} }} }}", "ReverseProxy:Clusters:api:Destinations: there is none (\"Destinatons\" is read by nobody); write one like \"one\": { \"Address\": \"http://127.0.0.1:8000\" }")]
    [InlineData($"{{ {Routes}, 'Clusters': {{ 'api': {{ 'Destinations': {{ 'one': {{ 'Address': '127.0.0.1:18000' }} }} }} }} }}", "ReverseProxy:Clusters:api:Destinations:one:Address: \"127.0.0.1:18000\" is not an absolute http or https URL; write it like http://127.0.0.1:18000")]
    [InlineData($"{{ {Routes}, 'Clusters': {{ 'api': {{ 'Destinations': {{ 'one': {{ 'Address': 'localhost:18000' }} }} }} }} }}", "ReverseProxy:Clusters:api:Destinations:one:Address: \"localhost:18000\" is not an absolute http or https URL; write it like http://localhost:18000")]
    [InlineData($"{{ {Routes}, 'Clusters': {{ 'api': {{ 'Destinations': {{ 'one': {{ 'Adress': 'http://a' }} }} }} }} }}", "ReverseProxy:Clusters:api:Destinations:one:Address: it is missing; write it like http://127.0.0.1:8000")]
    [InlineData($"{{ 'Routes': {{ 'all': {{ 'ClusterId': 'api', 'Timeout': '00:00:01' }} }}, {Clusters} }}", "ReverseProxy:Routes:all:Timeout: \"00:00:01\" has no effect here; a policy's firstByteTimeout and betweenBytesTimeout limit how long an origin may take, for all routes --origin-timeout and --origin-idle-timeout")]
    [InlineData($"{{ 'Routes': {{ 'all': {{ 'ClusterId': 'api', 'CorsPolicy': 'Default' }} }}, {Clusters} }}", "ReverseProxy:Routes:all:CorsPolicy: \"Default\" has no effect here; the backend answers for who may read it from other sites; its answers are kept apart by Origin")]
    [InlineData($"{{ {Routes}, 'Clusters': {{ 'api': {{ 'HealthChek': {{ 'Active': {{ 'Enabled': true }} }}, 'Destinations': {{ 'one': {{ 'Address': 'http://a' }} }} }} }} }}", "ReverseProxy:Clusters:api:HealthChek: nobody reads \"HealthChek\"; did you mean \"HealthCheck\"?")]
    [InlineData($"{{ {Routes}, 'Clusters': {{ 'api': {{ 'HealthCheck': {{ 'Active': {{ 'Enabled': true, 'Every': '1' }} }}, 'Destinations': {{ 'one': {{ 'Address': 'http://a' }} }} }} }} }}", "ReverseProxy:Clusters:api:HealthCheck:Active:Every: nobody reads \"Every\"; there are Enabled, Interval, Timeout, Policy, Path")]
    [InlineData($"{{ 'Routes': {{ 'all': {{ 'ClusterId': 'api', 'Match': {{ 'Headers': [ {{ 'Nam': 'x' }} ] }} }} }}, {Clusters} }}", "ReverseProxy:Routes:all:Match:Headers:0:Nam: nobody reads \"Nam\"; did you mean \"Name\"?")]
    [InlineData($"{{ {Routes}, 'Clusters': {{ 'api': {{ 'SessionAffinity': {{ 'Enabled': true, 'AffinityKeyName': 'k' }}, 'Destinations': {{ 'one': {{ 'Address': 'http://a' }} }} }} }} }}", "ReverseProxy:Clusters:api:SessionAffinity:Policy: it is missing, which means \"HashCookie\", and that is not served here; there are \"Cookie\", \"ArrCookie\" and \"CustomHeader\"")]
    [InlineData($"{{ {Routes}, 'Clusters': {{ 'api': {{ 'SessionAffinity': {{ 'Enabled': 'true', 'Policy': 'hashCookie' }}, 'Destinations': {{ 'one': {{ 'Address': 'http://a' }} }} }} }} }}", "ReverseProxy:Clusters:api:SessionAffinity:Policy: \"hashCookie\" is not served here; there are \"Cookie\", \"ArrCookie\" and \"CustomHeader\"")]
    [InlineData($"{{ 'Routes': {{ 'all': {{ 'ClusterId': 'api', 'Transforms': [ {{ 'PathPrefix': '/a' }}, {{ 'X-Forwarded': 'Set', 'HeaderPrefix': 'X-Client-' }} ] }} }}, {Clusters} }}", "ReverseProxy:Routes:all:Transforms:1:HeaderPrefix: \"X-Client-\" is not served here: an answer that depends on the client's address is told by X-Forwarded-For in its Vary; leave it out, or write \"X-Forwarded-\"")]
    [InlineData($"{{ 'Routes': {{ 'all': {{ 'ClusterId': 'api', 'Transforms': [ {{ 'HttpMethodChange': 'get', 'Set': 'POST' }} ] }} }}, {Clusters} }}", "ReverseProxy:Routes:all:Transforms:0:HttpMethodChange: \"get\" to \"POST\" is not served here: what is asked by it is stored, and asked for again where a connection fails; change methods that change something (POST, PUT, PATCH, DELETE), or HEAD to GET")]
    public void Mistake_IsToldWithItsPlace(string section, string error) => Assert.Equal(error, Errors(section)[0]);

    [Fact]
    public void Mistakes_AreAllToldAtOnce() =>
        Assert.Equal(4, Errors("{ 'Routs': { 'a': 1 }, 'Routes': { 'all': { 'ClusterId': 'x' } }, 'Clusters': { 'y': {}, 'z': { 'Destinations': { 'd': { 'Address': '' } } } } }").Count);

    [Theory]
    [InlineData("Default", "ReverseProxy:Routes:all:AuthorizationPolicy: \"Default\" asks who a client is")]
    [InlineData("anonymous", null)]
    public void RouteThatAsksWhoAClientIs_IsTold_WhereNobodyCouldTell(string policy, string? beginning)
    {
        var errors = ProxySection.WithoutScheme(Section($"{{ 'Routes': {{ 'all': {{ 'ClusterId': 'api', 'AuthorizationPolicy': '{policy}' }} }}, {Clusters} }}"));

        Assert.True(beginning is null ? errors.Count == 0 : Assert.Single(errors).StartsWith(beginning, StringComparison.Ordinal), string.Join('\n', errors));
    }

    private static IReadOnlyList<string> Errors(string section) => ProxySection.Errors(Section(section));

    private static IConfigurationSection Section(string section) =>
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes($"{{ \"ReverseProxy\": {section.Replace('\'', '"')} }}"))).Build().GetSection("ReverseProxy");
}
