using CacheGateway.Policies.Rules;

namespace CacheGateway.Hosting;

/// <summary>
/// What YARP takes without a word, and then answers every request of with an empty error: a route to no cluster, a cluster of no destinations, an
/// address without a scheme, sessions that cannot be kept, a member that nobody reads; and what cannot be had behind a cache. Pure: the same for a file at start and for one that changed.
/// </summary>
internal static class ProxySection
{
    public const string Name = "ReverseProxy";

    private const string HashCookie = "HashCookie";

    private static readonly string[] Members = ["Routes", "Clusters"];

    private static readonly string[] Encrypted = ["Cookie", "CustomHeader"];

    /// <summary>Members of a route for which a part would be needed that this gateway has not, with what does the same here.</summary>
    private static readonly (string Member, string Instead)[] Unserved =
    [
        ("Timeout", "a policy's firstByteTimeout and betweenBytesTimeout limit how long an origin may take, for all routes --origin-timeout and --origin-idle-timeout"),
        ("TimeoutPolicy", "a policy's firstByteTimeout and betweenBytesTimeout limit how long an origin may take, for all routes --origin-timeout and --origin-idle-timeout"),
        ("CorsPolicy", "the backend answers for who may read it from other sites; its answers are kept apart by Origin"),
        ("RateLimiterPolicy", "--origin-requests limits what a destination is given at once"),
        ("OutputCachePolicy", "what is cached, and how, is said by policies (--policies)"),
    ];

    /// <summary>Every mistake with its place, its value and what would be right; empty when there is none.</summary>
    /// <param name="section">The section <c>ReverseProxy</c>, as it works: the file and the environment together.</param>
    public static IReadOnlyList<string> Errors(IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        var routes = section.GetSection("Routes").GetChildren().ToArray();
        var clusters = section.GetSection("Clusters").GetChildren().ToArray();
        string[] names = [.. clusters.Select(cluster => cluster.Key)];
        return
        [
            .. section.GetChildren().Where(member => !Members.Contains(member.Key, StringComparer.OrdinalIgnoreCase))
                .Select(member => $"{member.Path}: nobody reads \"{member.Key}\"; there are Routes and Clusters{Suggestion.For(member.Key, Members)}"),
            .. routes.Length > 0 ? [] : (string[])[$"{section.Path}:Routes: there is no route, so no request goes anywhere; write one like \"all\": {{ \"ClusterId\": \"{names.FirstOrDefault() ?? "api"}\", \"Match\": {{ \"Path\": \"/{{**path}}\" }} }}"],
            .. clusters.Length > 0 ? [] : (string[])[$"{section.Path}:Clusters: there is no cluster; write one like \"api\": {{ \"Destinations\": {{ \"one\": {{ \"Address\": \"http://127.0.0.1:8000\" }} }} }}"],
            .. routes.Select(route => Cluster(route, names)).OfType<string>(),
            .. routes.SelectMany(route => Unserved.Where(unserved => route[unserved.Member] is { Length: > 0 }).Select(unserved => $"{route.Path}:{unserved.Member}: \"{route[unserved.Member]}\" has no effect here; {unserved.Instead}")),
            .. routes.SelectMany(route => route.GetSection("Transforms").GetChildren()).SelectMany(Transform),
            .. clusters.SelectMany(Destinations),
            .. clusters.Select(Affinity).OfType<string>(),
            .. ProxyMembers.Unread(section),
        ];
    }

    /// <summary>Routes that ask who a client is, where nothing could tell: every request of theirs would be answered with an empty error.</summary>
    /// <param name="section">The section <c>ReverseProxy</c>.</param>
    public static IReadOnlyList<string> WithoutScheme(IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return [.. section.GetSection("Routes").GetChildren().Where(route => "Default".Equals(route["AuthorizationPolicy"], StringComparison.OrdinalIgnoreCase))
            .Select(route => $"{route.Path}:AuthorizationPolicy: \"{route["AuthorizationPolicy"]}\" asks who a client is, which this gateway cannot tell; leave it out: the backend looks at credentials, and what it answers to them is shared with nobody")];
    }

    /// <summary>Values by which clients are bound that are encrypted, with keys that each machine makes for itself: another gateway, or the same in a new container, cannot read them.</summary>
    /// <param name="section">The section <c>ReverseProxy</c>, as it works.</param>
    public static IReadOnlyList<string> ReadByOneAlone(IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return [.. section.GetSection("Clusters").GetChildren().Select(cluster => cluster.GetSection("SessionAffinity"))
            .Where(affinity => IsOn(affinity) && Encrypted.Contains(affinity["Policy"], StringComparer.OrdinalIgnoreCase))
            .Select(affinity => $"{affinity.Path}:Policy: \"{affinity["Policy"]}\" is written with keys that other gateways do not have: one that takes over a client binds it anew; take \"ArrCookie\"")];
    }

    private static bool IsOn(IConfigurationSection affinity) => "true".Equals(affinity["Enabled"], StringComparison.OrdinalIgnoreCase);

    /// <summary>What is affine by a hash is so by a library that is not shipped; it is what YARP takes where none is named.</summary>
    private static string? Affinity(IConfigurationSection cluster)
    {
        var affinity = cluster.GetSection("SessionAffinity");
        var policy = affinity["Policy"];
        return !IsOn(affinity) ? null
            : string.IsNullOrEmpty(policy) ? $"{affinity.Path}:Policy: it is missing, which means \"{HashCookie}\", and that is not served here; there are \"Cookie\", \"ArrCookie\" and \"CustomHeader\""
            : policy.Equals(HashCookie, StringComparison.OrdinalIgnoreCase) ? $"{affinity.Path}:Policy: \"{policy}\" is not served here; there are \"Cookie\", \"ArrCookie\" and \"CustomHeader\""
            : null;
    }

    /// <summary>What would have an answer stored that is not for all who get it, or have sent twice what changes something.</summary>
    private static IEnumerable<string> Transform(IConfigurationSection transform)
    {
        const string Usual = "X-Forwarded-";
        if (transform["X-Forwarded"] is not null && transform["HeaderPrefix"] is { } prefix && !prefix.Equals(Usual, StringComparison.OrdinalIgnoreCase))
        {
            yield return $"{transform.Path}:HeaderPrefix: \"{prefix}\" is not served here: an answer that depends on the client's address is told by X-Forwarded-For in its Vary; leave it out, or write \"{Usual}\"";
        }

        if (transform["HttpMethodChange"]?.ToUpperInvariant() is ("GET" or "HEAD" or "OPTIONS") and var from && !(from == "HEAD" && "GET".Equals(transform["Set"], StringComparison.OrdinalIgnoreCase)))
        {
            yield return $"{transform.Path}:HttpMethodChange: \"{transform["HttpMethodChange"]}\" to \"{transform["Set"]}\" is not served here: what is asked by it is stored, and asked for again where a connection fails; change methods that change something (POST, PUT, PATCH, DELETE), or HEAD to GET";
        }
    }

    private static string? Cluster(IConfigurationSection route, string[] names)
    {
        var cluster = route["ClusterId"];
        return string.IsNullOrEmpty(cluster) ? $"{route.Path}:ClusterId: it is missing; it names the cluster that takes the requests{Known(names)}"
            : names.Contains(cluster, StringComparer.OrdinalIgnoreCase) ? null
            : $"{route.Path}:ClusterId: \"{cluster}\" is no cluster{(Suggestion.For(cluster, names) is { Length: > 0 } near ? near : Known(names))}";
    }

    private static string Known(string[] names) => names.Length == 0 ? "" : $"; there {(names.Length == 1 ? "is" : "are")} {string.Join(", ", names.Select(name => $"\"{name}\""))}";

    private static IEnumerable<string> Destinations(IConfigurationSection cluster)
    {
        var destinations = cluster.GetSection("Destinations").GetChildren().ToArray();
        if (destinations.Length == 0)
        {
            var near = cluster.GetChildren().Select(member => member.Key).FirstOrDefault(key => Suggestion.For(key, ["Destinations"]).Length > 0);
            yield return $"{cluster.Path}:Destinations: there is none{(near is null ? "" : $" (\"{near}\" is read by nobody)")}; write one like \"one\": {{ \"Address\": \"http://127.0.0.1:8000\" }}";
        }

        foreach (var destination in destinations)
        {
            if (!IsAddress(destination["Address"]))
            {
                yield return Wrong(destination, "Address");
            }

            // Where health is asked for, if elsewhere.
            if (destination["Health"] is { Length: > 0 } health && !IsAddress(health))
            {
                yield return Wrong(destination, "Health");
            }
        }
    }

    private static string Wrong(IConfigurationSection destination, string member)
    {
        var value = destination[member];
        return string.IsNullOrEmpty(value)
            ? $"{destination.Path}:{member}: it is missing; write it like http://127.0.0.1:8000"
            : $"{destination.Path}:{member}: \"{value}\" is not an absolute http or https URL; write it like {(IsAddress("http://" + value) ? "http://" + value : "http://127.0.0.1:8000")}";
    }

    private static bool IsAddress(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Host.Length > 0;
}
