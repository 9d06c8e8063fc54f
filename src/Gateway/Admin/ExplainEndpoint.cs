using CacheGateway.Operations.Explaining;

namespace CacheGateway.Admin;

/// <summary><c>POST /api/v2/cache/explain</c>: a request (and, if wanted, the origin's answer to it) in, the ordered decision out.</summary>
internal static class ExplainEndpoint
{
    private const int MostHeaders = 100;
    private const int LongestUrl = 8192;

    public static async Task HandleAsync(HttpContext context, Explainer explainer)
    {
        if (await StrictJson.ReadAsync<ExplainQuestion>(context) is not { } question)
        {
            return;
        }

        var (answer, error) = Error(question) is { } wrong ? (null, wrong) : await explainer.ExplainAsync(question);
        if (answer is null)
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "That is no request to explain", error);
            return;
        }

        await context.Response.WriteAsJsonAsync(answer, context.RequestAborted);
    }

    private static string? Error(ExplainQuestion question) =>
        question.Url is not { Length: > 0 and <= LongestUrl } ? $"url must be 1 to {LongestUrl} characters"
        : question.Method is { } method && (method.Length > 20 || !method.All(char.IsAsciiLetterUpper)) ? "method must be like GET"
        : IsBad(question.Headers) || IsBad(question.Response?.Headers) ? $"headers must be at most {MostHeaders}, each a name and a text without control characters"
        : question.Response is { Status: < ExplainResponse.LeastStatus or > ExplainResponse.MostStatus } ? $"response.status must be {ExplainResponse.LeastStatus} to {ExplainResponse.MostStatus}"
        : null;

    private static bool IsBad(IReadOnlyDictionary<string, string>? headers) =>
        headers is not null && (headers.Count > MostHeaders
            || headers.Any(header => header.Key.Length is 0 or > 128 || header.Value is null || header.Value.Length > 8192 || header.Key.Any(c => c <= ' ' || c > '~' || c == ':') || header.Value.Any(char.IsControl)));
}
