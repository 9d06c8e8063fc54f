using System.Text;

namespace CacheGateway.Invalidation.Webhooks;

/// <summary>A secret as Standard Webhooks writes it: base64 after "whsec_"; anything else is taken as raw text.</summary>
internal static class WebhookSecret
{
    private const string Prefix = "whsec_";

    /// <summary>Shorter ones could be guessed from one signed message.</summary>
    private const int Shortest = 8;

    public static byte[]? TryParse(string text)
    {
        byte[] key;
        if (text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            key = new byte[text.Length];
            if (!Convert.TryFromBase64String(text[Prefix.Length..], key, out var length))
            {
                return null;
            }

            key = key[..length];
        }
        else
        {
            key = Encoding.UTF8.GetBytes(text);
        }

        return key.Length >= Shortest ? key : null;
    }
}
