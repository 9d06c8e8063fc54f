using CacheGateway.Hosting;

namespace CacheGateway.Tests.Hosting;

public sealed class FileLimitsTests
{
    [Theory]
    [InlineData(256, 16, 64, 32)]
    [InlineData(1024, 320, 256, 128)]
    [InlineData(20_000, 16_156, 1024, 2500)]
    [InlineData(1_000_000, 20_000, 1024, 20_000)]
    [InlineData(10, 16, 2, 16)]
    public void Descriptors_AreEnoughForClientsOriginAndTheRest(long descriptors, int connections, int originRequests, int admin) =>
        Assert.Equal((connections, originRequests, admin), (FileLimits.Connections(1024, descriptors), FileLimits.OriginRequests(1024, descriptors), FileLimits.AdminConnections(descriptors)));

    [Theory]
    [InlineData("Limit                     Soft Limit           Hard Limit           Units\nMax open files            256                  4096                 files\n", 256)]
    [InlineData("Max open files            unlimited            unlimited            files", 65_536)]
    [InlineData("", 65_536)]
    public void Text_OfTheSystem_IsRead(string text, long descriptors) => Assert.Equal(descriptors, FileLimits.Parse(text));
}
