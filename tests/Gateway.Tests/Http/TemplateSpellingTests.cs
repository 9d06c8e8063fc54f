using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Tests.Http;

public sealed class TemplateSpellingTests
{
    [Theory]
    [InlineData("/api/products/{id}", "/API/products/A%c3;v=1/", "/api/products/A%c3")]
    [InlineData("/api/products/{id}", "/api/products/7", null)]
    [InlineData("/api/products/{id}", "/api/products//", null)]
    [InlineData("/api/products/{id}", "/api/products/7/8/", null)]
    [InlineData("/api/products/{id}", "/api/orders/7/", null)]
    [InlineData("/api/products/{id}", "/api%2Fproducts/7", null)]
    [InlineData("/api/products/{id:int}", "/api/products/x/", null)]
    [InlineData("/a/{*rest}", "/A", "/a/")]
    [InlineData("/a/{*rest}", "/a/B/c", null)]
    [InlineData("/a//b/", "/a/b", "/a//b/")]
    [InlineData("/", "//", "/")]
    [InlineData("/", "/a", null)]
    public void Of_AnotherSpelling_IsTheTemplates(string template, string path, string? spelt) =>
        Assert.Equal(spelt is null ? [] : [spelt], TemplateSpelling.Of([PathTemplate.TryParse(template, out _)!], path));

    [Theory]
    [InlineData("/api/products/{id}", false)]
    [InlineData("/{*rest}", false)]
    [InlineData("/", false)]
    [InlineData("/a/{*rest}", true)]
    [InlineData("/a/", true)]
    [InlineData("/Api", true)]
    [InlineData("/%7Ejoe", true)]
    public void MayDiffer_PlainTemplates_DoNot(string template, bool differs) => Assert.Equal(differs, TemplateSpelling.MayDiffer(PathTemplate.TryParse(template, out _)!));
}
