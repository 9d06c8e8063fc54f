using CacheGateway.Model;
using CacheGateway.Policies;
using CacheGateway.Storage;

namespace CacheGateway.Warming;

/// <summary>Makes of an order the list of targets: URLs by the variants of their policies, entries as they were asked for, the popular ones.</summary>
internal sealed class WarmPlanner(WarmTargetReader reader, IPolicySource policies, MemoryTier memory, Popularity popularity)
{
    /// <summary>Targets of one warm-up.</summary>
    public const int MostTargets = 50_000;

    private const int MostErrors = 20;

    public WarmPlan Plan(WarmOrder order)
    {
        var errors = new List<string>();
        var targets = new Dictionary<string, WarmTarget>(StringComparer.Ordinal);
        Check(order, errors);
        foreach (var url in order.Urls)
        {
            if (reader.Read(url, WarmTarget.NoHeaders, out var error) is not { } target)
            {
                errors.Add($"\"{Shorten(url)}\" {error}");
            }
            else
            {
                Add(targets, order.Headers.Count > 0 ? [target with { Headers = order.Headers }] : Variants(target));
            }
        }

        foreach (var name in order.Policies)
        {
            Add(targets, OfPolicy(name, errors));
        }

        if (order.Popular)
        {
            Add(targets, popularity.Targets());
        }

        if (targets.Count > MostTargets)
        {
            errors.Add($"{targets.Count} targets are more than {MostTargets}; divide them");
        }
        else if (targets.Count == 0 && errors.Count == 0 && !order.Popular && order.Policies.Count == 0)
        {
            errors.Add("names nothing; give \"urls\", \"policies\" or \"popular\": true");
        }

        return new WarmPlan(errors.Count > 0 ? [] : [.. targets.Values], [.. errors.Take(MostErrors)]);
    }

    /// <summary>What policies themselves list, for the start.</summary>
    public IReadOnlyList<WarmTarget> Listed()
    {
        var targets = new Dictionary<string, WarmTarget>(StringComparer.Ordinal);
        foreach (var policy in policies.Current.Policies.DistinctBy(policy => policy.Name).Where(policy => policy.Enabled))
        {
            Add(targets, UrlsOf(policy));
        }

        return [.. targets.Values.Take(MostTargets)];
    }

    /// <summary>Each target once.</summary>
    public static IReadOnlyList<WarmTarget> Distinct(IEnumerable<WarmTarget> targets)
    {
        var distinct = new Dictionary<string, WarmTarget>(StringComparer.Ordinal);
        Add(distinct, targets);
        return [.. distinct.Values];
    }

    private static void Check(WarmOrder order, List<string> errors)
    {
        if (order.Concurrency is < 1 or > WarmOrder.MostConcurrency)
        {
            errors.Add($"\"concurrency\" must be from 1 to {WarmOrder.MostConcurrency}");
        }

        if (order.RatePerSecond is not (>= 0 and <= WarmOrder.MostPerSecond))
        {
            errors.Add($"\"ratePerSecond\" must be from 0 (no limit) to {WarmOrder.MostPerSecond:0}");
        }

        if (WarmTargetReader.HeaderProblem(order.Headers) is { } problem)
        {
            errors.Add($"\"headers\": {problem}");
        }
    }

    private IEnumerable<WarmTarget> OfPolicy(string name, List<string> errors)
    {
        var policy = policies.Current.Policies.FirstOrDefault(policy => policy.Name == name);
        if (policy is null && policies.Current.Policies.Count > 0)
        {
            errors.Add(UnknownPolicy.Text(name, policies.Current.Names));
            return [];
        }

        var stored = memory.Responses().Where(response => response.Resource.Policy == name).Select(response => StoredTarget.Of(response, policies.Current.Policies)).OfType<WarmTarget>();
        return policy is null ? stored : UrlsOf(policy).Concat(stored);
    }

    private IEnumerable<WarmTarget> UrlsOf(CachePolicy policy) =>
        policy.Warm.Urls.Select(url => reader.Read(url, WarmTarget.NoHeaders, out _)).OfType<WarmTarget>().SelectMany(target => Product(target, policy.Warm.Variants));

    private IEnumerable<WarmTarget> Variants(WarmTarget target)
    {
        var policy = policies.Current.Match("GET", target.Authority, TargetParts.Path(target.Target), TargetParts.Query(target.Target), NoRequestHeaders.Instance);
        return policy is null ? [target] : Product(target, policy.Warm.Variants);
    }

    /// <summary>Every combination of the listed values; that they are not too many was checked when the policy was read.</summary>
    private static IEnumerable<WarmTarget> Product(WarmTarget target, IReadOnlyDictionary<string, IReadOnlyList<string>> variants)
    {
        IEnumerable<WarmTarget> made = [target];
        foreach (var (name, values) in variants)
        {
            made = made.SelectMany(_ => values, (one, value) => one with
            {
                Headers = new Dictionary<string, string>(one.Headers, StringComparer.OrdinalIgnoreCase) { [name] = value },
            });
        }

        return made;
    }

    private static void Add(Dictionary<string, WarmTarget> targets, IEnumerable<WarmTarget> more)
    {
        foreach (var target in more)
        {
            var headers = string.Concat(target.Headers.OrderBy(header => header.Key, StringComparer.OrdinalIgnoreCase).Select(header => $"\n{header.Key.ToLowerInvariant()}:{header.Value}"));
            targets.TryAdd($"{target.Scheme}://{target.Authority}{target.Target}{headers}", target);
        }
    }

    private static string Shorten(string text) => text.Length <= 100 ? text.ReplaceLineEndings(" ") : text[..100].ReplaceLineEndings(" ") + "...";

    private sealed class NoRequestHeaders : Http.IHeaderSource
    {
        public static readonly NoRequestHeaders Instance = new();

        public string? Find(string name) => null;
    }
}
