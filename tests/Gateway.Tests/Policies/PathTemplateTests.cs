using CacheGateway.Model;

namespace Gateway.Tests.Policies;

public sealed class PathTemplateTests
{
    [Theory]
    [InlineData("/a/{id:int}", "/a/7", true)]
    [InlineData("/a/{id:int}", "/a/007", true)]
    [InlineData("/a/{id:int}", "/a/-7", false)]
    [InlineData("/a/{id:int}", "/a/7x", false)]
    [InlineData("/a/{id:int}", "/a/", false)]
    [InlineData("/a/{id:int}", "/a/٣", false)]
    [InlineData("/a/{id:int}/b", "/a/7/b", true)]
    [InlineData("/a/{id:int}/", "/a/7", false)]
    [InlineData("/caf%C3%A9", "/caf%C3%A9", true)]
    [InlineData("/caf%C3%A9", "/caf%c3%a9", false)]
    public void IsMatch_RawPath_ByteForByte(string template, string path, bool matches)
    {
        var parsed = PathTemplate.TryParse(template, out var error);

        Assert.Null(error);
        Assert.Equal(matches, parsed!.IsMatch(path));
    }

    [Theory]
    [InlineData("/a/{id}", "/a/7", "/a")]
    [InlineData("/a/{id:int}/", "/a/7/", "/a")]
    [InlineData("/a/{id:int}/", "/a/7", null)]
    [InlineData("/a/b/", "/a/b/", null)]
    [InlineData("/{id}", "/7", null)]
    [InlineData("/{id}/", "/7/", null)]
    [InlineData("/", "/", null)]
    [InlineData("/a/{*rest}", "/a/7/", null)]
    public void ListOf_OneOfSeveral_IsWhatHoldsIt(string template, string path, string? list) => Assert.Equal(list, PathTemplate.TryParse(template, out _)!.ListOf(path));

    [Fact]
    public void Bind_Digits_AreBoundByTheirName()
    {
        var template = PathTemplate.TryParse("/users/{user:int}/posts/{post}", out _)!;

        Assert.Equal(["user", "post"], template.Names);
        Assert.Equal([new("user", "7"), new("post", "x")], template.Bind("/users/7/posts/x")!);
    }

    [Theory]
    [InlineData("/{id:guid}")]
    [InlineData("/{:int}")]
    [InlineData("/{*rest:int}")]
    [InlineData("/a b")]
    [InlineData("/%4")]
    [InlineData("/a\"b")]
    public void TryParse_WhatCannotMatch_IsAnError(string template)
    {
        Assert.Null(PathTemplate.TryParse(template, out var error));
        Assert.NotNull(error);
    }
}
