using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Features;

namespace CacheGateway.Admin;

/// <summary>
/// Reads a body as it is meant or not at all: not longer than it may be, no unknown members, no duplicates; what is wrong is answered here. That it is JSON at all
/// was seen by <see cref="AdminGuard"/>.
/// </summary>
internal static class StrictJson
{
    public const int MaxBody = 1024 * 1024;

    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        MaxDepth = 16,
    };

    /// <summary>Null = the answer was written already.</summary>
    public static async Task<T?> ReadAsync<T>(HttpContext context, JsonSerializerOptions? options = null, int maxBody = MaxBody)
        where T : class
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = maxBody;
        }

        try
        {
            if (await JsonSerializer.DeserializeAsync<T>(context.Request.Body, options ?? Options, context.RequestAborted) is { } read)
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
