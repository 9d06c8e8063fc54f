using System.Text;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>One request as the origin saw it.</summary>
/// <param name="Number">1 for the first request of the origin's life.</param>
/// <param name="Connection">Which accepted connection it came on.</param>
/// <param name="RequestLine">The first line, byte for byte (Latin-1).</param>
/// <param name="HeaderLines">Header lines in order, byte for byte.</param>
internal sealed record OriginRequest(int Number, int Connection, string RequestLine, IReadOnlyList<string> HeaderLines)
{
    private readonly string[] _line = RequestLine.Split(' ');

    public string Method => _line[0];

    /// <summary>The request target, byte for byte.</summary>
    public string Target => _line[1];

    public string Path => Target.Split('?')[0];

    /// <summary>1 for the first request of this path.</summary>
    public int PathNumber { get; init; }

    /// <summary>The decoded body; empty until it was read.</summary>
    public byte[] Body { get; set; } = [];

    public string BodyText => Encoding.UTF8.GetString(Body);

    public string? Header(string name) => HeaderLines.Joined(name);

    public bool Has(string name) => Header(name) is not null;
}
