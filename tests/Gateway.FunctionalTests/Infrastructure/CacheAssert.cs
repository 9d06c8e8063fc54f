using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>What the gateway says about an answer. A test asserts what the origin saw as well.</summary>
internal static class CacheAssert
{
    public static void Hit(RawResponse response, Reason? reason = null)
    {
        var status = Status(response);
        Assert.True(status.IsHit, $"expected a hit, got {status}");
        Assert.True(response.Has("Age"), "a response from the cache carries Age (RFC 9111 5.1)");
        Detail(reason, status);
    }

    public static void Miss(RawResponse response, Reason? reason = null)
    {
        var status = Status(response);
        Assert.False(status.IsHit, $"expected no hit, got {status}");
        Assert.True(status.Forward is not null, $"a response that was forwarded says why (RFC 9211 2.2), got {status}");
        Detail(reason, status);
    }

    public static void Stored(RawResponse response)
    {
        var status = Status(response);
        Assert.True(status.IsStored, $"expected stored, got {status}");
    }

    public static void NotStored(RawResponse response, Reason? reason = null)
    {
        var status = Status(response);
        Assert.False(status.IsStored, $"expected not stored, got {status}");
        Detail(reason, status);
    }

    /// <summary>Whoever asks gets an answer, and not that of before: an error is no newer one.</summary>
    public static void NoLonger(string before, RawResponse response)
    {
        Assert.Equal((200, true), (response.Status, response.Complete));
        Assert.NotEqual(before, response.Text);
    }

    /// <summary>Each of them is answered without the origin.</summary>
    public static async Task HitAsync(GatewayEnvironment env, params string[] targets)
    {
        foreach (var target in targets)
        {
            var before = env.Origin.Log.Count;
            Hit(await env.GetAsync(target));
            Assert.Equal(before, env.Origin.Log.Count);
        }
    }

    /// <summary>Each of them is answered by one request to the origin.</summary>
    public static async Task FetchedAgainAsync(GatewayEnvironment env, params string[] targets)
    {
        foreach (var target in targets)
        {
            var before = env.Origin.Log.Count;
            Miss(await env.GetAsync(target));
            Assert.Equal(before + 1, env.Origin.Log.Count);
        }
    }

    private static CacheStatus Status(RawResponse response)
    {
        Assert.True(response.CacheStatus is not null, $"no Cache-Status in\n{response}");
        return response.CacheStatus;
    }

    private static void Detail(Reason? reason, CacheStatus status)
    {
        if (reason is { } expected)
        {
            Assert.True(status.Detail == expected.Text(), $"expected detail={expected.Text()}, got {status}");
        }
    }
}
