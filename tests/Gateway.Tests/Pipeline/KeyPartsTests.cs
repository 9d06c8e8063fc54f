using CacheGateway.Model;
using CacheGateway.Pipeline;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Tests.Pipeline;

/// <summary>What the key builder puts together comes apart again.</summary>
public sealed class KeyPartsTests
{
    [Fact]
    public void Key_ComesApart_IntoWhatMadeIt()
    {
        var parts = KeyParts.Of(Build("/a|b?x=1:2", new KeyRules { Headers = ["X-Tenant", "X-None"], QueryIgnore = ["y"] }, ("X-Tenant", "a|3:b")))!;

        Assert.Equal(("http", "h.test", "/a|b?x=1:2", ""), (parts.Scheme, parts.Authority, parts.Target, parts.Identity));
        Assert.Equal([new("x-tenant", "a|3:b"), new("x-none", null)], parts.Headers);
        Assert.StartsWith("p@1.1#", parts.Policy, StringComparison.Ordinal);
    }

    [Fact]
    public void Key_WithCredentials_HasAnIdentity() => Assert.NotEmpty(KeyParts.Of(Build("/", KeyRules.Default, ("Authorization", "x")))!.Identity);

    [Theory]
    [InlineData("")]
    [InlineData("v1")]
    [InlineData("v1|9:a")]
    [InlineData("v1|1:a|x:b")]
    public void Text_ThatIsNoKey_GivesNothing(string text) => Assert.Null(KeyParts.Of(text));

    private static string Build(string target, KeyRules rules, (string Name, string Value) header)
    {
        var context = new DefaultHttpContext();
        context.Features.Get<IHttpRequestFeature>()!.RawTarget = target;
        context.Request.Scheme = "http";
        context.Request.Host = new HostString("h.test");
        context.Request.Headers[header.Name] = header.Value;
        return new KeyBuilder("d").Build(context, new CachePolicy { Name = "p", Key = rules }, 1, "h.test", target, null)!.Text;
    }
}
