using System.ComponentModel.DataAnnotations;

namespace CacheGateway.Operations.Explaining;

/// <summary>What somebody wants explained.</summary>
/// <param name="Url">Absolute, or a path with query.</param>
/// <param name="Method">GET where nothing is said.</param>
/// <param name="Headers">Of the request.</param>
/// <param name="Response">The origin's answer, to be judged instead of what this node remembers; null = what it remembers.</param>
internal sealed record ExplainQuestion(string? Url, string? Method, IReadOnlyDictionary<string, string>? Headers, ExplainResponse? Response);

/// <param name="Status">Its status code.</param>
/// <param name="Headers">Its fields.</param>
internal sealed record ExplainResponse([property: Range(ExplainResponse.LeastStatus, ExplainResponse.MostStatus)] int Status, IReadOnlyDictionary<string, string>? Headers)
{
    /// <summary>Those before it are of no answer that could be judged (RFC 9110 15.2).</summary>
    public const int LeastStatus = 200;
    public const int MostStatus = 599;
}
