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
    public void Mistake_IsToldWithItsPlace(string section, string error) => Assert.Equal(error, Errors(section)[0]);

    [Fact]
    public void Mistakes_AreAllToldAtOnce() =>
        Assert.Equal(4, Errors("{ 'Routs': { 'a': 1 }, 'Routes': { 'all': { 'ClusterId': 'x' } }, 'Clusters': { 'y': {}, 'z': { 'Destinations': { 'd': { 'Address': '' } } } } }").Count);

    private static IReadOnlyList<string> Errors(string section) =>
        ProxySection.Errors(new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes($"{{ \"ReverseProxy\": {section.Replace('\'', '"')} }}"))).Build().GetSection("ReverseProxy"));
}
