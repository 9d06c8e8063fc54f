using System.ComponentModel;
using CacheGateway.Policies.Rules;

namespace CacheGateway.Policies.Document;

/// <summary>Which query parameters are keyed and forwarded.</summary>
internal sealed class QuerySection
{
    [Description("Only these; a \"*\" at the end takes a prefix; an empty list takes none. Default: all."), ParameterName]
    public IReadOnlyList<string>? Include { get; init; }

    [Description("All but these; a \"*\" at the end takes a prefix."), ParameterName]
    public IReadOnlyList<string>? Ignore { get; init; }

    [Description("Order parameters by name before keying and forwarding. Default false.")]
    public bool? Sort { get; init; }

    [Description("These hold secrets: a request with one passes uncached; a \"*\" at the end takes a prefix, case does not count; an empty list takes none. "
        + "Default under profile safe: tokens, passwords and signatures by their usual names; under rfc9111: none."), ParameterName]
    public IReadOnlyList<string>? Secret { get; init; }
}
