using CacheGateway.Hosting;
using Microsoft.Extensions.Configuration;

namespace CacheGateway.Tests.Hosting;

/// <summary>The server gets certificates from a configuration, and no listener.</summary>
public sealed class KestrelSectionTests
{
    private static readonly IConfigurationRoot Both = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["Kestrel:Certificates:Default:Path"] = "a.pfx",
        ["Kestrel:Certificates:Default:KeyPath"] = "/keys/a.key",
        ["Kestrel:EndpointDefaults:SslProtocols:0"] = "Tls13",
        ["kestrel:endpoints:more:url"] = "http://127.0.0.1:9",
        ["Kestrel:Endpoints:Other:Protocols"] = "Http1",
    }).Build();

    [Fact]
    public void Endpoint_IsAMistake_AndSaidWhereItWouldBeRight() => Assert.Equal(
        ["Kestrel:Endpoints:more: the gateway listens where --urls, --h2c-urls and --admin-urls say; write http://127.0.0.1:9 there",
         "Kestrel:Endpoints:Other: the gateway listens where --urls, --h2c-urls and --admin-urls say"],
        KestrelSection.Errors(Both).Order(StringComparer.OrdinalIgnoreCase));

    [Fact]
    public void WhatTheServerGets_HasCertificates_AndNoEndpoint()
    {
        var section = KestrelSection.ForServer(Both);

        Assert.Equal(
            (Path.Combine(Directory.GetCurrentDirectory(), "a.pfx"), "/keys/a.key", "Tls13"),
            (section["Certificates:Default:Path"], section["Certificates:Default:KeyPath"], section["EndpointDefaults:SslProtocols:0"]));
        Assert.Empty(section.GetSection("Endpoints").GetChildren());
    }

    [Fact]
    public void ConfigurationWithoutEndpoints_HasNoMistake() => Assert.Empty(KestrelSection.Errors(new ConfigurationBuilder().Build()));
}
