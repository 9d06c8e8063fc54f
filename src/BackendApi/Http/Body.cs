using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;

namespace BackendApi.Http;

/// <summary>A JSON request body, read and validated by its data annotations; what is wrong with it is a value, not an exception.</summary>
internal sealed record Body<T>(T? Value, IResult? Problem)
    where T : class
{
    private static readonly PropertyInfo[] Members = typeof(T).GetProperties();

    public static async ValueTask<Body<T>> BindAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
        {
            return Wrong(Results.Problem(statusCode: StatusCodes.Status415UnsupportedMediaType, detail: "The body must be application/json."));
        }

        try
        {
            var value = await context.Request.ReadFromJsonAsync<T>(context.RequestAborted);
            var errors = value is null
                ? new() { ["body"] = ["The body must be a JSON object."] }
                : Check(value, HttpMethods.IsPatch(context.Request.Method));
            return errors.Count > 0 ? Wrong(Results.ValidationProblem(errors)) : new Body<T>(value, null);
        }
        catch (JsonException error)
        {
            var at = error.Path is null or "$" ? "body" : error.Path.TrimStart('$', '.');
            var errors = new Dictionary<string, string[]> { [at] = ["The value is not valid JSON of the expected type."] };
            return Wrong(Results.ValidationProblem(errors));
        }
        catch (InvalidOperationException)
        {
            return Wrong(Results.Problem(statusCode: StatusCodes.Status415UnsupportedMediaType, detail: "The body's charset is not known."));
        }
        catch (BadHttpRequestException error)
        {
            // The server's own limits: body too large, or cut.
            return Wrong(Results.Problem(statusCode: error.StatusCode, detail: "The body could not be read."));
        }
    }

    private static Dictionary<string, string[]> Check(T value, bool partial)
    {
        var errors = new Dictionary<string, string[]>();
        foreach (var member in Members)
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(member.Name);
            var content = member.GetValue(value);
            var wrong = member.GetCustomAttributes<ValidationAttribute>()
                .Where(rule => !(partial && rule is RequiredAttribute) && !rule.IsValid(content))
                .Select(rule => rule.FormatErrorMessage(name))
                .Concat(content is string text && text.Contains('\0') ? [$"{name} must not contain the character U+0000."] : [])
                .ToArray();
            if (wrong.Length > 0)
            {
                errors[name] = wrong;
            }
        }

        return errors;
    }

    private static Body<T> Wrong(IResult problem) => new(null, problem);
}
