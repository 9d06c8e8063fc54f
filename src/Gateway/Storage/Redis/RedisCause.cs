using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace CacheGateway.Storage.Redis;

/// <summary>What keeps a connection to Redis from being made, as one line for whoever looks after it.</summary>
internal static class RedisCause
{
    public const string NoAnswer = "connected, but no answer";

    private const string Closed = "it closed the connection without an answer; perhaps it wants TLS (rediss://)";

    private const int LongestLine = 200;

    /// <summary>First byte of a TLS alert: how a server behind TLS answers whoever speaks without.</summary>
    private const byte Alert = 0x15;

    /// <summary>Whether a refusal came, or the answer to the last question, which is a list.</summary>
    public static bool IsEnough(ReadOnlySpan<byte> answer) => OfAnswer(answer) is { } cause ? cause != Closed : IsList(answer);

    /// <summary>What the server has against a sign-in and a question after it; null when it answered both.</summary>
    public static string? OfAnswer(ReadOnlySpan<byte> answer)
    {
        if (answer.IsEmpty)
        {
            return Closed;
        }

        if (answer[0] == Alert)
        {
            return "it speaks TLS; use rediss:// or REDIS_SSL=true";
        }

        if (answer[0] is not ((byte)'+' or (byte)'-' or (byte)'*'))
        {
            return "what answers there is no Redis";
        }

        foreach (var line in answer.Split("\r\n"u8))
        {
            // A line that has not come to its end is none yet.
            if (answer[line] is [(byte)'-', .. var refusal] && line.End.Value < answer.Length)
            {
                return Hinted(Printable(refusal));
            }
        }

        return null;
    }

    public static string OfCertificate(SslPolicyErrors errors, X509ChainStatusFlags chain) =>
        errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) ? "it shows no certificate"
        : errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? "its certificate is for another name"
        : $"its certificate is not trusted here{(chain == X509ChainStatusFlags.NoError ? "" : $" ({chain})")}";

    /// <param name="why">In the words of the TLS library.</param>
    public static string NoTls(string why) => $"no TLS there ({Printable(Encoding.UTF8.GetBytes(why))}); a Redis without it is redis://";

    private static bool IsList(ReadOnlySpan<byte> answer) => answer[0] == '*' || answer.IndexOf("\r\n*"u8) >= 0;

    private static string Hinted(string refusal) =>
        refusal + (refusal.StartsWith("NOAUTH", StringComparison.Ordinal) ? " (give the password: REDIS_PASSWORD, or in REDIS_URL)" : "");

    private static string Printable(ReadOnlySpan<byte> text)
    {
        var line = new StringBuilder();
        foreach (var c in text[..Math.Min(text.Length, LongestLine)])
        {
            line.Append(c is >= (byte)' ' and <= (byte)'~' ? (char)c : '?');
        }

        return line.ToString().TrimEnd('.');
    }
}
