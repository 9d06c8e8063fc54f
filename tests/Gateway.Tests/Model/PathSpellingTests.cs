using CacheGateway.Model;

namespace Gateway.Tests.Model;

/// <summary>The spellings of a path that some backend takes for one have one form.</summary>
public sealed class PathSpellingTests
{
    [Theory]
    [InlineData("/account/me", "/account/me")]
    [InlineData("/", "/")]
    [InlineData("", "")]
    [InlineData("/a/", "/a/")]
    [InlineData("/Account/ME", "/account/me")]
    [InlineData("/%61ccount/%4De", "/account/me")]
    [InlineData("//a///b//", "/a/b/")]
    [InlineData("/a%2Fb%2f%5cc", "/a/b/c")]
    [InlineData("/a;v=1/b;w", "/a/b")]
    [InlineData("/a%3Bv=1%2fb", "/a/b")]
    [InlineData("/a%20%7b%C3%89%25%00", "/a%20%7b%c3%89%%00")]
    [InlineData("/%2561ccount/%25254De", "/account/me")]
    [InlineData("/a%252Fb%255cc%253bv=1", "/a/b/c")]
    [InlineData("/a%2520%25257b", "/a%20%7b")]
    [InlineData("/%25%36%31%25%32%35%36%33count", "/account")]
    [InlineData("/a%25", "/a%")]
    [InlineData("/a%2525zz", "/a%zz")]
    [InlineData("/a%", "/a%")]
    [InlineData("/a%4", "/a%4")]
    [InlineData("/a%zz", "/a%zz")]
    public void Fold_GivesTheOneForm(string path, string folded)
    {
        Assert.Equal(folded, PathSpelling.Fold(path));
        Assert.Equal(folded, PathSpelling.Fold(folded));
        Assert.True(path == folded || !PathSpelling.IsFolded(path));
    }

    [Theory]
    [InlineData("/account/{id}", "/account/{id}")]
    [InlineData("/Account/{Id:int}/X/{*Rest}", "/account/{Id:int}/x/{*Rest}")]
    [InlineData("/%61//{a}/b;c/", "/a/{a}/b/")]
    [InlineData("/100%25/{a}/%2541/Me", "/100%/{a}/a/me")]
    public void Folded_Template_KeepsItsHoles(string template, string folded) =>
        Assert.Equal(folded, PathTemplate.TryParse(template, out _)!.Folded().Text);
}
