using System.Globalization;
using System.Text;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>One response as the client saw it.</summary>
/// <param name="StatusLine">The first line, byte for byte.</param>
/// <param name="HeaderLines">Header lines in order.</param>
/// <param name="Body">The decoded body, as far as it came.</param>
/// <param name="Complete">Whether the body ended as its framing promised; false = cut off.</param>
/// <param name="Trailers">Trailer lines of a chunked body.</param>
internal sealed record RawResponse(string StatusLine, IReadOnlyList<string> HeaderLines, byte[] Body, bool Complete, IReadOnlyList<string> Trailers)
{
    /// <summary>What a client gets that is cut off before any response came.</summary>
    public static RawResponse None { get; } = new("HTTP/1.1 000 none", [], [], Complete: false, []);

    public int Status => int.Parse(StatusLine.AsSpan(9, 3), CultureInfo.InvariantCulture);

    public string Text => Encoding.UTF8.GetString(Body);

    public CacheStatus? CacheStatus => Header("Cache-Status") is { } text ? CacheStatus.Parse(text)[^1] : null;

    public long? Age => Header("Age") is { } age ? long.Parse(age, CultureInfo.InvariantCulture) : null;

    public string? Header(string name) => HeaderLines.Joined(name);

    public bool Has(string name) => Header(name) is not null;

    public override string ToString() => $"{StatusLine}\n{string.Join('\n', HeaderLines)}\n\n{Text}{(Complete ? "" : " [cut off]")}";
}
