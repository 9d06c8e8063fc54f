using System.ComponentModel;
using System.Text.Json.Serialization;
using CacheGateway.Policies.Rules;

namespace CacheGateway.Policies.Document;

/// <summary>How bearer tokens (JSON Web Tokens, RFC 7519) are verified.</summary>
internal sealed class TokensSection
{
    [Description("What \"iss\" must be."), Sentence, JsonRequired]
    public string? Issuer { get; init; }

    [Description("What \"aud\" must be or hold."), Sentence, JsonRequired]
    public string? Audience { get; init; }

    [Description("Which algorithms are taken."), Choice("HS256", "RS256", "ES256"), JsonRequired]
    public IReadOnlyList<string>? Algorithms { get; init; }

    [Description("Keys by key id (\"kid\")."), JsonRequired]
    public IReadOnlyDictionary<string, TokenKeySection>? Keys { get; init; }
}
