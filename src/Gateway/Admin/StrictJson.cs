using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Features;

namespace CacheGateway.Admin;

/// <summary>
/// Reads a body as it is meant or not at all: not longer than it may be, no unknown members, no duplicates; what is wrong is answered here, in the words of
/// <see cref="JsonFault"/>. That it calls itself JSON was seen by <see cref="RequestShape"/>.
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

        using var body = new MemoryStream();
        try
        {
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            if (JsonSerializer.Deserialize<T>(Bytes(body).Span, options ?? Options) is { } read)
            {
                return read;
            }

            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "The body is null", "Send a JSON object");
        }
        catch (JsonException)
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "The body is not valid", JsonFault.Of(Bytes(body), typeof(T), options ?? Options));
        }
        catch (BadHttpRequestException exception)
        {
            await Problem.WriteAsync(context, exception.StatusCode, "The body could not be read", exception.Message);
        }

        return null;
    }

    /// <summary>What was read, without the mark that some editors put before it.</summary>
    private static ReadOnlyMemory<byte> Bytes(MemoryStream body)
    {
        var bytes = body.GetBuffer().AsMemory(0, (int)body.Length);
        return bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
    }
}
