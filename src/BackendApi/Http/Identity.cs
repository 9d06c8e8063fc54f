using System.Text.RegularExpressions;

namespace BackendApi.Http;

/// <summary>Who asks. Names are taken at their word: signing in is not this demo's matter.</summary>
internal static partial class Identity
{
    /// <summary>Letters, digits and a few signs, at most 64.</summary>
    public const string NamePattern = "^[A-Za-z0-9._@-]{1,64}\\z";

    private const string Scheme = "Bearer ";

    /// <summary>The user of <c>Authorization: Bearer NAME</c>, if it is a name.</summary>
    public static string? UserOf(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && IsName(authorization[Scheme.Length..].Trim())
            ? authorization[Scheme.Length..].Trim()
            : null;
    }

    public static IResult Unauthorized(HttpResponse response)
    {
        response.Headers.WWWAuthenticate = "Bearer";
        return Results.Problem(statusCode: StatusCodes.Status401Unauthorized, detail: "Authorization: Bearer NAME is needed.");
    }

    public static bool IsName(string? text) => text is not null && Name().IsMatch(text);

    [GeneratedRegex(NamePattern)]
    private static partial Regex Name();
}
