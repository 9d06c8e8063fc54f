using CacheGateway.Hosting;

namespace CacheGateway.Tests.Hosting;

public sealed class FileLimitsTests
{
    [Theory]
    [InlineData(256, 16, 64)]
    [InlineData(1024, 384, 256)]
    [InlineData(20_000, 18_592, 1024)]
    [InlineData(1_000_000, 20_000, 1024)]
    [InlineData(10, 16, 2)]
    public void Descriptors_AreEnoughForClientsOriginAndTheRest(long descriptors, int connections, int originRequests) =>
        Assert.Equal((connections, originRequests), (FileLimits.Connections(1024, descriptors), FileLimits.OriginRequests(1024, descriptors)));

    [Theory]
    [InlineData("Limit                     Soft Limit           Hard Limit           Units\nMax open files            256                  4096                 files\n", 256)]
    [InlineData("Max open files            unlimited            unlimited            files", 65_536)]
    [InlineData("", 65_536)]
    public void Text_OfTheSystem_IsRead(string text, long descriptors) => Assert.Equal(descriptors, FileLimits.Parse(text));
}
