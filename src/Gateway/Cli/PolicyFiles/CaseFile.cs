using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CacheGateway.Cli.PolicyFiles;

/// <summary>
/// Cases for <c>policy test</c>, as they stand in JSON. The schema in config/policy-cases.schema.json is made from these types.
/// </summary>
[Description("Cases for 'policy test': a request and the origin's response, and what the gateway must decide.")]
internal sealed record CaseFile
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        PropertyNameCaseInsensitive = false,
        NumberHandling = JsonNumberHandling.Strict,
        RespectNullableAnnotations = true,
    };

    [JsonPropertyName("$schema"), Description("Address of the schema, for editors.")]
    public string? Schema { get; init; }

    [Description("The policy file, from this file's folder. Needed unless --policies names one.")]
    public string? Policies { get; init; }

    [Description("The cases, each with a name of its own."), JsonRequired]
    public IReadOnlyList<PolicyCase> Cases { get; init; } = [];
}

[Description("One case.")]
internal sealed record PolicyCase
{
    [Description("Names it in the output and in sameKeyAs and otherKeyThan."), JsonRequired]
    public string Name { get; init; } = "";

    [Description("What the client asks."), JsonRequired]
    public CaseRequest Request { get; init; } = new();

    [Description("What the origin answers; without it only what the request alone decides can be expected.")]
    public CaseResponse? Response { get; init; }

    [Description("What must come out. What is not named is not compared."), JsonRequired]
    public CaseExpectation Expect { get; init; } = new();
}

[Description("A request.")]
internal sealed record CaseRequest
{
    [Description("Default GET.")]
    public string? Method { get; init; }

    [Description("A path with query, or a whole http(s) URL."), JsonRequired]
    public string Url { get; init; } = "";

    [Description("Request fields.")]
    public IReadOnlyDictionary<string, string>? Headers { get; init; }
}

[Description("A response.")]
internal sealed record CaseResponse
{
    [Description("Default 200.")]
    public int Status { get; init; } = 200;

    [Description("Response fields.")]
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    [Description("The body, where tags are read from it.")]
    public string? Body { get; init; }
}

[Description("What must come out.")]
internal sealed record CaseExpectation
{
    [Description("The policy that takes the request; \"none\" for no policy.")]
    public string? Policy { get; init; }

    [Description("store, not-stored, pass, write, refused (the gateway answers it itself), or look-up where the case has no response.")]
    public string? Decision { get; init; }

    [Description("A reason of the closed list, such as response-private.")]
    public string? Reason { get; init; }

    [Description("Freshness lifetime such as \"5m\"; jitter is left out of account.")]
    public string? Ttl { get; init; }

    [Description("Such as \"30s\".")]
    public string? StaleWhileRevalidate { get; init; }

    [Description("Such as \"10m\".")]
    public string? StaleIfError { get; init; }

    [Description("All tags of the stored response, in any order.")]
    public IReadOnlyList<string>? Tags { get; init; }

    [Description("All request fields that select among variants, in any order.")]
    public IReadOnlyList<string>? Vary { get; init; }

    [Description("Path and query that are forwarded and keyed.")]
    public string? Target { get; init; }

    [Description("All tags that the write raises, cascades included, in any order.")]
    public IReadOnlyList<string>? Clears { get; init; }

    [Description("The name of a case that must share this one's key.")]
    public string? SameKeyAs { get; init; }

    [Description("The name of a case that must not: another user's, say.")]
    public string? OtherKeyThan { get; init; }
}
