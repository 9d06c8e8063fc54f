using System.Globalization;
using CacheGateway.Policies.Rules;

namespace CacheGateway.Admin;

/// <summary>
/// Stands between the choice of the endpoint and the endpoint: what changes something comes as JSON, and a number in the query is one, and a name in it is known where it must be. What no endpoint takes
/// (404, 405) is left to its own answer: whoever used the wrong method is not sent to look for a content type.
/// </summary>
internal sealed class RequestShape(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (context.GetEndpoint() is not RouteEndpoint endpoint)
        {
            return next(context);
        }

        // A form of another site cannot send this content type without asking first.
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) && !request.HasJsonContentType()
            && !(endpoint.Metadata.GetMetadata<NoContentMark>() is not null && IsEmpty(request)))
        {
            return Problem.WriteAsync(context, StatusCodes.Status415UnsupportedMediaType, "Send application/json", "Content-Type: application/json is missing");
        }

        if (endpoint.Metadata.GetMetadata<QueryNames>()?.Unknown(request.Query) is { } unknown)
        {
            return Problem.WriteAsync(context, StatusCodes.Status400BadRequest, unknown.Title, unknown.Detail);
        }

        return endpoint.Metadata.OfType<QueryNumber>().Select(number => number.Error(request.Query)).FirstOrDefault(error => error is not null) is var (title, detail)
            ? Problem.WriteAsync(context, StatusCodes.Status400BadRequest, title, detail)
            : next(context);
    }

    /// <summary>Not even a form: that would name its type. What a page of another site sends without one is told by its <c>Origin</c> (<see cref="AdminGuard"/>).</summary>
    private static bool IsEmpty(HttpRequest request) =>
        request.ContentLength is null or 0 && request.Headers.TransferEncoding.Count == 0 && request.Headers.ContentType.Count == 0;
}

/// <summary>Marks an endpoint that changes something and needs no content to say what.</summary>
internal sealed class NoContentMark
{
    public static readonly NoContentMark Here = new();
}

/// <summary>All that an endpoint's query may name: where a filter that is misspelt would be none, everything would pass for what was asked for.</summary>
internal sealed record QueryNames(params string[] Known)
{
    /// <summary>What is wrong with it, and what would be right; null = nothing.</summary>
    public (string Title, string Detail)? Unknown(IQueryCollection query) =>
        query.Keys.FirstOrDefault(name => !Known.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } unknown
            ? ($"There is no parameter \"{unknown}\"", $"There are {string.Join(", ", Known)}{Suggestion.For(unknown, Known)}")
            : null;
}

/// <summary>A number in an endpoint's query, checked before it is bound: the framework's refusal would not say which one was wrong.</summary>
/// <param name="Name">Of the parameter.</param>
/// <param name="Most">The largest that has an effect; a count below one is taken for one.</param>
/// <param name="IsTime">Whether it is a number of seconds, which may have a fraction; otherwise it is whole.</param>
/// <param name="Beyond">Why more than <paramref name="Most"/> is refused; null = it is taken for that.</param>
internal sealed record QueryNumber(string Name, double Most, bool IsTime, string? Beyond = null)
{
    /// <summary>What is wrong with it, and what would be right; null = nothing, or it is not there.</summary>
    public (string Title, string Detail)? Error(IQueryCollection query)
    {
        var given = query[Name];
        if (given.Count == 0 || (given.Count == 1 && string.IsNullOrEmpty(given[0])))
        {
            return null;
        }

        var title = string.Create(CultureInfo.InvariantCulture, $"{Name} must be {(IsTime ? "a number of seconds, above 0 and up to" : "a whole number from 1 to")} {Most}");
        return given.Count > 1 ? (title, $"It stands {given.Count} times in the query; once is right")
            : !IsNumber(given[0]!, out var number) ? (title, Detail(given[0]!))
            // What lists and charts answer with shows which page and size was meant; the length of a time that is none is nobody's guess.
            : number <= 0 && IsTime ? (title, Detail(given[0]!))
            : number > Most && Beyond is not null ? (title, Beyond)
            : null;
    }

    private bool IsNumber(string text, out double number)
    {
        if (IsTime)
        {
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
        }

        var isWhole = int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var whole);
        number = whole;
        return isWhole;
    }

    /// <summary>The command line takes "1h", so people write it here too.</summary>
    private string Detail(string given) => IsTime && DurationText.TryParse(given) is { Ticks: > 0 } time
        ? string.Create(CultureInfo.InvariantCulture, $"Write it in seconds: ?{Name}={time.TotalSeconds}")
        : string.Create(CultureInfo.InvariantCulture, $"Write it like ?{Name}={(IsTime ? 60 : 1)}");
}
