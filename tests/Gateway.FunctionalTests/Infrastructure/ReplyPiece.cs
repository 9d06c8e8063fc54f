using System.Text;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>A part of a scripted body: bytes to send, or a gate to wait for before the next part.</summary>
internal sealed record ReplyPiece(byte[]? Bytes, Gate? Gate)
{
    public static implicit operator ReplyPiece(string text) => new(Encoding.UTF8.GetBytes(text), null);

    public static implicit operator ReplyPiece(byte[] bytes) => new(bytes, null);

    public static implicit operator ReplyPiece(Gate gate) => new(null, gate);
}
