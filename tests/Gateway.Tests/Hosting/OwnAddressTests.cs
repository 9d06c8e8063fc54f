using CacheGateway.Hosting;

namespace CacheGateway.Tests.Hosting;

public sealed class OwnAddressTests
{
    [Theory]
    [InlineData("http://127.0.0.1:8080", "http://127.0.0.1:8080", true)]
    [InlineData("http://localhost:8080", "http://127.0.0.1:8080", true)]
    [InlineData("http://127.0.0.1:8080/api", "http://localhost:8080", true)]
    [InlineData("http://127.0.0.1:8080", "http://*:8080", true)]
    [InlineData("http://[::1]:8080", "http://[::]:8080", true)]
    [InlineData("http://127.0.0.1", "http://0.0.0.0:80", true)]
    [InlineData("http://127.0.0.2:8080", "http://127.0.0.1:8080", false)]
    [InlineData("http://127.0.0.1:8081", "http://127.0.0.1:8080", false)]
    [InlineData("http://backend:8080", "http://*:8080", false)]
    [InlineData("http://127.0.0.1:8080", "no address", false)]
    public void Origin_ThatIsAListener_IsSeen(string origin, string listener, bool isOwn) =>
        Assert.Equal(isOwn ? listener : null, OwnAddress.Of(origin, ["http://127.0.0.1:1", listener]));

    [Theory]
    [InlineData("http://127.0.0.1:8080", "http://127.0.0.1:8080/", true)]
    [InlineData("http://*:8080", "https://0.0.0.0:8080", true)]
    [InlineData("http://127.0.0.1:0", "http://127.0.0.1:0", false)]
    [InlineData("http://127.0.0.1:8080", "http://127.0.0.2:8080", false)]
    [InlineData("no address", "no address", false)]
    public void Listeners_ThatAreOne_AreSeen(string listener, string other, bool isSame) => Assert.Equal(isSame, OwnAddress.IsSame(listener, other));
}
