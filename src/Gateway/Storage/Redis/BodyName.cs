namespace CacheGateway.Storage.Redis;

/// <summary>How a head names its body field, so that a head is never joined with the body of another.</summary>
/// <param name="Hash">SHA-256 of the field; all zeros when there is no field because the body is empty.</param>
/// <param name="FieldLength">Bytes of the field.</param>
/// <param name="Length">Bytes of the body.</param>
/// <param name="Coding">What lies between the two.</param>
internal sealed record BodyName(ReadOnlyMemory<byte> Hash, int FieldLength, int Length, BodyCoding Coding)
{
    public const int HashLength = 32;

    public static readonly BodyName Empty = new(new byte[HashLength], 0, 0, BodyCoding.None);

    public bool IsEmpty => Length == 0;
}

/// <summary>How a body lies in its field. Append only: the numbers are stored.</summary>
internal enum BodyCoding : byte
{
    None = 0,
    Brotli = 1,
}
