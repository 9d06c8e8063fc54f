using System.Diagnostics;
using System.Text.Json.Serialization;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Model;
using CacheGateway.Pipeline;
using CacheGateway.Policies;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Yarp.ReverseProxy.Configuration;

namespace CacheGateway.Operations;

/// <summary>
/// One URL of a policy, a few times through this gateway and as often straight at the origin, one request after the other: what the cache is worth for
/// it. One run at a time; credentials are never sent.
/// </summary>
internal sealed class PolicyBenchmark(
    TrafficRecorder traffic, IServer server, PublicRoutes routes, RequestKeying keying, IPolicySource policies, DefaultPolicy defaults, int publicListeners) : IDisposable
{
    public const int MostRequests = 100;

    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
    });

    /// <param name="policy">Whose URL.</param>
    /// <param name="target">Path and query; null = the busiest key of the policy.</param>
    /// <param name="requests">On each side.</param>
    /// <param name="cancellation">The caller left.</param>
    public async Task<BenchmarkAnswer> RunAsync(string policy, string? target, int requests, CancellationToken cancellation)
    {
        if (!policies.Current.Names.Contains(policy) && policy != defaults.Policy?.Name)
        {
            return BenchmarkAnswer.Refused(policy, UnknownPolicy.Text(policy, policies.Current.Names is { Count: > 0 } names ? names : [.. defaults.Policy is { } only ? (string[])[only.Name] : []]));
        }

        var hot = traffic.ByRequests.Top(200).FirstOrDefault(hitter => hitter.Key.Resource.Policy == policy && (target is null || hitter.Key.Resource.Target == target)).Key?.Resource;
        if (hot is null && target is null)
        {
            return BenchmarkAnswer.Failed(policy, "Nothing was asked for under this policy yet: name a path with \"url\"");
        }

        if (!await _one.WaitAsync(TimeSpan.Zero, cancellation))
        {
            return BenchmarkAnswer.Failed(policy, "Another benchmark runs; one at a time");
        }

        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(LongestRun);
            return await RunAsync(policy, target ?? hot!.Value.Target, hot?.Authority, requests, limit.Token);
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return BenchmarkAnswer.Failed(policy, exception is HttpRequestException ? exception.Message : "It took longer than 30 s");
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _one.Dispose();
    }

    private async Task<BenchmarkAnswer> RunAsync(string policy, string target, string? authority, int requests, CancellationToken cancellation)
    {
        var own = server.Features.Get<IServerAddressesFeature>()?.Addresses.Take(publicListeners).FirstOrDefault(address => address.StartsWith("http://", StringComparison.Ordinal));
        if (own is null)
        {
            return BenchmarkAnswer.Failed(policy, "It goes through a public listener without TLS, and there is none");
        }

        var here = new Uri(own.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal).Replace("[::]", "127.0.0.1", StringComparison.Ordinal));
        var context = new TrialRequest("GET", "http", authority ?? here.Authority, target, new Dictionary<string, string>()).ToContext();
        if (!await routes.TryFindAsync(context))
        {
            return BenchmarkAnswer.Failed(policy, "No route takes it: there is nothing to compare with");
        }

        if (keying.Of(context) is var keyed && keyed.Pass != Reason.CacheOff && keyed.Policy is var taker && taker?.Name != policy)
        {
            return BenchmarkAnswer.Refused(policy, $"{target} is none of policy \"{policy}\": {(taker is null ? "no policy takes it" : $"policy \"{taker.Name}\" takes it")}; name a path of \"{policy}\"{(taker is null ? "" : $", or compare \"{taker.Name}\"")}");
        }

        var route = context.GetReverseProxyFeature();
        if (RewritesUrl(route.Route.Config))
        {
            return BenchmarkAnswer.Failed(policy, $"Route {route.Route.Config.RouteId} rewrites URLs: the same one straight at the origin is another");
        }

        // Where there are several, one speaks for all.
        if ((route.AvailableDestinations.Count > 0 ? route.AvailableDestinations : route.AllDestinations) is not [var destination, ..])
        {
            return BenchmarkAnswer.Failed(policy, $"Cluster {route.Cluster.Config.ClusterId} has no destination to compare with");
        }

        // As requests are forwarded: what is keyed, behind the path that the address may have.
        var straight = destination.Model.Config.Address.TrimEnd('/') + (keyed.Key?.Resource.Target ?? target);
        var through = here.GetLeftPart(UriPartial.Authority) + target;
        var straightHost = new HostRule(route.Route.Config.Transforms ?? []) is var rule && rule.Written is { } written ? written
            : rule.IsOriginal ? authority ?? here.Authority
            : destination.Model.Config.Host;

        // Once beforehand, so that what is measured is a hit, and on both sides nothing of a connection that begins.
        var (_, status, throughStatus) = await TimeAsync(through, authority, cancellation);
        await TimeAsync(straight, straightHost, cancellation);
        var cached = new List<double>();
        var uncached = new List<double>();
        var hits = 0;
        for (var i = 0; i < requests; i++)
        {
            var (cachedMs, how, _) = await TimeAsync(through, authority, cancellation);
            hits += IsOwnHit(how) ? 1 : 0;
            cached.Add(cachedMs);
            var (uncachedMs, _, straightStatus) = await TimeAsync(straight, straightHost, cancellation);
            uncached.Add(uncachedMs);
            if (straightStatus != throughStatus || throughStatus is < 200 or >= 300)
            {
                return BenchmarkAnswer.Failed(policy, $"It is answered {throughStatus} through the gateway and {straightStatus} straight at the origin: only successes of both sides can be compared");
            }
        }

        var (through50, straight50) = (Median(cached), Median(uncached));
        return new BenchmarkAnswer(
            policy, RedactedKey.Of("", new ResourceId("http", authority ?? here.Authority, target, policy, false)).Url, requests, hits, through50, cached.Max(), straight50, uncached.Max(),
            straight50 > 0 ? (1 - (through50 / straight50)) * 100 : null, status, null);
    }

    /// <param name="url">Where it goes.</param>
    /// <param name="host">The field Host; null = that of the URL.</param>
    /// <param name="cancellation">The caller left, or it took too long.</param>
    private async Task<(double Milliseconds, string CacheStatus, int Status)> TimeAsync(string url, string? host, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(url, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        request.Headers.Host = host;
        var started = Stopwatch.GetTimestamp();
        using var response = await _client.SendAsync(request, cancellation);
        await response.Content.CopyToAsync(Stream.Null, cancellation);
        return (Stopwatch.GetElapsedTime(started).TotalMilliseconds, response.Headers.TryGetValues("Cache-Status", out var values) ? string.Join(", ", values) : "", (int)response.StatusCode);
    }

    /// <summary>RFC 9211 2: each cache on the way has a member of its own, the one nearest to the client the last.</summary>
    private static bool IsOwnHit(string cacheStatus) =>
        cacheStatus.Split(',').Select(member => member.Split(';', StringSplitOptions.TrimEntries)).LastOrDefault(member => member[0] == "CacheGateway")?.Contains("hit") == true;

    private static bool RewritesUrl(RouteConfig route) =>
        (route.Transforms ?? []).SelectMany(transform => transform.Keys)
            .Any(name => name.StartsWith("Path", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Query", StringComparison.OrdinalIgnoreCase));

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}

/// <param name="Policy">Whose URL.</param>
/// <param name="Url">Values of the query hidden.</param>
/// <param name="Requests">On each side.</param>
/// <param name="Hits">Of those through the gateway.</param>
/// <param name="CachedP50Ms">Median through the gateway.</param>
/// <param name="CachedMaxMs">Slowest through the gateway.</param>
/// <param name="OriginP50Ms">Median straight at the origin.</param>
/// <param name="OriginMaxMs">Slowest straight at the origin.</param>
/// <param name="ImprovementPercent">Of the medians.</param>
/// <param name="CacheStatus">Of the first answer through the gateway: says why, if there are no hits.</param>
/// <param name="Error">Why nothing was measured.</param>
internal sealed record BenchmarkAnswer(
    string Policy, string? Url, int Requests, int Hits, double CachedP50Ms, double CachedMaxMs, double OriginP50Ms, double OriginMaxMs, double? ImprovementPercent, string? CacheStatus, string? Error)
{
    /// <summary>The request itself is wrong, rather than the moment.</summary>
    [JsonIgnore]
    public bool IsRefused { get; init; }

    /// <summary>What was asked for cannot be compared, now or later.</summary>
    public static BenchmarkAnswer Refused(string policy, string error) => Failed(policy, error) with { IsRefused = true };

    public static BenchmarkAnswer Failed(string policy, string error) => new(policy, null, 0, 0, 0, 0, 0, 0, null, null, error);
}
