using System.Buffers.Text;
using System.Text.Json.Nodes;

namespace CacheGateway.Policies.Rules;

/// <summary>Bytes in base64url (RFC 4648 5).</summary>
internal sealed class Base64UrlAttribute : ValueRuleAttribute
{
    public override string Expected => "bytes in base64url";

    public override string? Problem(string value) => Base64Url.IsValid(value, out var length) && length > 0 && !value.Any(char.IsWhiteSpace) ? null : $"must be {Expected}";

    public override void Describe(JsonObject schema) => schema["pattern"] = "^[A-Za-z0-9_-]+=*$";
}
