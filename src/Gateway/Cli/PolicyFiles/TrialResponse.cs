using System.Text;
using CacheGateway.Model;

namespace CacheGateway.Cli.PolicyFiles;

/// <summary>An origin's response as somebody wrote it down.</summary>
internal sealed record TrialResponse(int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public HeaderField[] Fields => [.. Headers.Select(header => new HeaderField(header.Key, header.Value))];

    public BodySegments Bytes => BodySegments.Copy(Encoding.UTF8.GetBytes(Body));
}
