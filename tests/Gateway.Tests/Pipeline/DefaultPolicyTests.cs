using CacheGateway.Model;
using CacheGateway.Pipeline;

namespace Gateway.Tests.Pipeline;

/// <summary>What a node stores under one profile is not found by another node under the other.</summary>
public sealed class DefaultPolicyTests
{
    [Fact]
    public void Transparent_UnderAnotherProfile_HasOtherKeys() => Assert.NotEqual(HashUnder(CacheProfile.Safe), HashUnder(CacheProfile.Rfc9111));

    [Fact]
    public void Transparent_UnderTheDefaultProfile_HasTheKeysOfReleasedVersions() => Assert.Equal("0", HashUnder(CacheProfile.Safe));

    private static string HashUnder(CacheProfile profile) => DefaultPolicy.Transparent(profile, null, new GatewayLimits()).Key.Hash;
}
