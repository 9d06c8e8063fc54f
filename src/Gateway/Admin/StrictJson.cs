using System.Text.Json;
using System.Text.Json.Serialization;

namespace CacheGateway.Admin;

/// <summary>Reads a body as it is meant or not at all: no unknown members, no duplicates; what is wrong is answered here.</summary>
internal static class StrictJson
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        MaxDepth = 16,
    };

    /// <summary>Null = the answer was written already.</summary>
    public static async Task<T?> ReadAsync<T>(HttpContext context)
        where T : class
    {
        try
        {
            if (await JsonSerializer.DeserializeAsync<T>(context.Request.Body, Strict, context.RequestAborted) is { } read)
            {
                return read;
            }

            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "The body is null");
        }
        catch (JsonException exception)
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "The body is not valid", exception.Message);
        }
        catch (BadHttpRequestException exception)
        {
            await Problem.WriteAsync(context, exception.StatusCode, "The body could not be read", exception.Message);
        }

        return null;
    }
}
