using CacheGateway.Cli.Demo;

namespace CacheGateway.Tests.Cli.Demo;

public sealed class DemoRepositoryTests
{
    [Fact]
    public void From_BelowTheRepository_IsItsRoot() =>
        Assert.True(File.Exists(Path.Combine(DemoRepository.Find().Root, "CacheGateway.sln")));

    [Fact]
    public void From_ElsewhereOnTheDisk_IsNone()
    {
        var elsewhere = Directory.CreateTempSubdirectory("demo-tests-");
        try
        {
            Assert.Null(DemoRepository.From(elsewhere.FullName));
        }
        finally
        {
            elsewhere.Delete();
        }
    }
}
