using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Tests.Http;

/// <summary>Plain data for the rules: policies, responses, and one moment at which everything was received.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Wall = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly Instant Received = new(Wall, 1_000_000);

    public static readonly string[] Targeted = ["CacheGateway-Cache-Control", "CDN-Cache-Control"];

    public static readonly CachePolicy Rfc9111 = new()
    {
        Name = "letter",
        Profile = CacheProfile.Rfc9111,
        Transparent = true,
        Heuristics = true,
        Key = KeyRules.Default with { Identity = IdentityRule.None },
    };

    public static readonly CachePolicy Safe = Rfc9111 with { Name = "safe", Profile = CacheProfile.Safe };

    /// <summary>A header section from "Name: value" lines.</summary>
    public static HeaderField[] Headers(params string[] lines) => Array.ConvertAll(lines, line =>
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        return new HeaderField(line[..colon], line[(colon + 1)..].TrimStart(' '));
    });

    public static ResponseFacts Response(params string[] lines) => Response(200, lines);

    public static ResponseFacts Response(int status, params string[] lines) => ResponseFacts.From(status, Headers(lines), Targeted);

    /// <summary>"Date: ..." so many seconds from the moment of receipt; other names likewise.</summary>
    public static string At(string name, double seconds) => $"{name}: {HttpDate.Format(Wall.AddSeconds(seconds))}";

    public static Freshness Freshness(ResponseFacts response, CachePolicy policy, double jitterDraw = 0, long delay = 0) =>
        FreshnessRules.Compute(response, policy, Received with { Monotonic = Received.Monotonic - delay }, Received, jitterDraw);

    public static StoreVerdict Verdict(ResponseFacts response, CachePolicy policy, RequestFacts request = default) =>
        Storability.Judge(request, response, policy, Freshness(response, policy));

    /// <summary>A response as the pipeline would store it, whatever the verdict.</summary>
    public static StoredResponse Stored(ResponseFacts response, CachePolicy? policy = null, string body = "0123456789", params VaryValue[] vary) =>
        new(new CacheKey("key/", new ResourceId("http", "example.test", "/", "p", false), 3))
        {
            Status = response.Status,
            Headers = response.Headers,
            Body = BodySegments.Copy(System.Text.Encoding.ASCII.GetBytes(body)),
            Freshness = Freshness(response, policy ?? Rfc9111),
            Vary = vary,
            Epoch = 0,
            ETag = response.ETag,
            LastModified = response.LastModified,
            ModifiedStrength = DateStrengths.Of(response.Date ?? Wall, response.LastModified),
            Date = response.Date ?? Wall,
            Partial = response.Range,
            IsSharedExplicitly = response.Directives.Public || response.Directives.SMaxAge is not null,
        };

    /// <summary>A stored response whose ETag the gateway made.</summary>
    public static StoredResponse WithGeneratedTag(ResponseFacts response, string tag)
    {
        var plain = Stored(response);
        return new StoredResponse(plain.Key.ToKey())
        {
            Status = plain.Status,
            Headers = plain.Headers,
            Body = plain.Body,
            Freshness = plain.Freshness,
            Epoch = plain.Epoch,
            ETag = tag,
            ETagGenerated = true,
            LastModified = plain.LastModified,
            Date = plain.Date,
        };
    }

    public static RequestFacts Request(string? cacheControl = null, string? pragma = null) =>
        new() { Directives = RequestDirectives.Parse(cacheControl, pragma) };

    public static RequestHeaders With(params string[] lines) => new(Headers(lines));

    /// <summary>Joins lines as a server's request would (RFC 9110 5.3).</summary>
    public readonly record struct RequestHeaders(HeaderField[] Fields) : IHeaderSource
    {
        public string? Find(string name)
        {
            var lines = Array.FindAll(Fields, field => field.Is(name));
            return lines.Length == 0 ? null : string.Join(", ", lines.Select(field => field.Value));
        }
    }
}
