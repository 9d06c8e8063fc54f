using System.Text;

namespace BackendApi.Events;

/// <summary>The key that signs webhooks.</summary>
internal static class WebhookKey
{
    private const string Prefix = "whsec_";

    /// <summary>As Standard Webhooks writes secrets: base64 after "whsec_", anything else is the key itself; null where it is neither.</summary>
    public static byte[]? TryParse(string secret)
    {
        if (!secret.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return Encoding.UTF8.GetBytes(secret);
        }

        var bytes = new byte[secret.Length];
        return Convert.TryFromBase64String(secret[Prefix.Length..], bytes, out var written) && written > 0 ? bytes[..written] : null;
    }
}
