using CacheGateway.Invalidation.Redis;

namespace CacheGateway.Tests.Invalidation;

/// <summary>Which gateways a gateway may call gone: those whose process ids mean here what they meant there.</summary>
public sealed class NodeInstanceTests
{
    private static readonly string Own = NodeInstance.New();

    [Fact]
    public void ProcessOfTheSameNumbering_ThatIsGone_IsGone() => Assert.True(NodeInstance.IsGone($"{NodeInstance.Prefix}/{int.MaxValue}/ab", Own));

    [Fact]
    public void ProcessOfTheSameNumbering_ThatLives_IsNotGone() => Assert.False(NodeInstance.IsGone($"{NodeInstance.Prefix}/1/ab", Own));

    /// <summary>Two containers that share a host name count processes apart, as do two machines of one name.</summary>
    [Fact]
    public void ProcessOfAnotherNumbering_UnderTheSameName_IsNeverGone()
    {
        var here = NodeInstance.PrefixOf("host", "boot", "pid:[1]");
        Assert.Equal(here, NodeInstance.PrefixOf("host", "boot", "pid:[1]"));
        Assert.NotEqual(here, NodeInstance.PrefixOf("host", "boot", "pid:[2]"));
        Assert.NotEqual(here, NodeInstance.PrefixOf("host", "other", "pid:[1]"));
        Assert.NotEqual(NodeInstance.PrefixOf("host", null, null), NodeInstance.PrefixOf("host", null, null));
        Assert.False(NodeInstance.IsGone($"{Environment.MachineName}/{int.MaxValue}/ab", Own));
        Assert.False(NodeInstance.IsGone($"{NodeInstance.PrefixOf(Environment.MachineName, "boot", "pid:[1]")}/{int.MaxValue}/ab", Own));
    }
}
