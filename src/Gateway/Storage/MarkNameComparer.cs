namespace CacheGateway.Storage;

/// <summary>
/// Compares names with probes. The hash is Marvin with a seed per process: names come from outside and cannot be chosen to collide.
/// </summary>
internal sealed class MarkNameComparer : IEqualityComparer<MarkName>, IAlternateEqualityComparer<MarkProbe, MarkName>
{
    public static readonly MarkNameComparer Instance = new();

    private MarkNameComparer()
    {
    }

    public bool Equals(MarkName? x, MarkName? y) => x == y;

    public int GetHashCode(MarkName obj) => GetHashCode(new MarkProbe(obj.Kind, obj.Authority, obj.Text));

    public bool Equals(MarkProbe alternate, MarkName other) =>
        alternate.Kind == other.Kind && alternate.Text.SequenceEqual(other.Text) && alternate.Authority.SequenceEqual(other.Authority);

    public int GetHashCode(MarkProbe alternate) =>
        HashCode.Combine((int)alternate.Kind, string.GetHashCode(alternate.Authority), string.GetHashCode(alternate.Text));

    public MarkName Create(MarkProbe alternate) => new(alternate.Kind, alternate.Authority.ToString(), alternate.Text.ToString());
}
