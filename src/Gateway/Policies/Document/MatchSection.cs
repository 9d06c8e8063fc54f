using System.ComponentModel;
using CacheGateway.Policies.Rules;

namespace CacheGateway.Policies.Document;

/// <summary>Which requests a policy takes.</summary>
internal sealed class MatchSection
{
    [Description("Template of the raw path, or several: literals, {name} for one segment, {name:int} for digits, {*name} for the rest. Default: every path.")]
    [OneOrMany]
    public IReadOnlyList<string>? Path { get; init; }

    [Description("Methods, default GET, which covers HEAD. Only GET is stored; invalidates applies whatever stands here.")]
    [Choice("GET", "POST", "PUT", "PATCH", "DELETE", Missed = "HEAD", Note = "GET covers HEAD")]
    public IReadOnlyList<string>? Methods { get; init; }

    [Description("Hosts, with or without port; \"*.example.org\" takes every subdomain. Default: all.")]
    public IReadOnlyList<string>? Hosts { get; init; }

    [Description("Query parameters that must be present, with their value or \"*\" for any.")]
    public IReadOnlyDictionary<string, string>? Query { get; init; }

    [Description("Request headers that must be present, with their value or \"*\" for any.")]
    public IReadOnlyDictionary<string, string>? Headers { get; init; }
}
