using System.Buffers;
using System.Text.Json.Nodes;

namespace CacheGateway.Policies.Rules;

/// <summary>A header or cookie name: a token (RFC 9110 5.6.2).</summary>
internal sealed class FieldNameAttribute(string kind) : ValueRuleAttribute
{
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public string Kind { get; } = kind;

    public override string Expected => $"a {Kind} name";

    public static bool IsToken(string text) => text.Length is > 0 and <= 256 && !text.AsSpan().ContainsAnyExcept(TokenCharacters);

    public override string? Problem(string value) => IsToken(value) ? null : $"must be a {Kind} name: letters, digits, \"-\" and the like, no spaces";

    public override void Describe(JsonObject schema) => schema["pattern"] = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$";
}
