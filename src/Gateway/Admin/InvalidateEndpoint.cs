using System.Text.Json;
using System.Text.Json.Serialization;
using CacheGateway.Invalidation;
using CacheGateway.Model;
using Microsoft.AspNetCore.Http.Features;

namespace CacheGateway.Admin;

/// <summary><c>POST /api/v2/cache/invalidate</c>: strict JSON in, a receipt out.</summary>
internal sealed class InvalidateEndpoint(Invalidator invalidator, InvalidationPreview preview, InvalidateOptions options)
{
    private const int MaxBody = 1024 * 1024;
    private const int MaxNames = 10_000;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
    };

    public async Task HandleAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
        {
            await Problem.WriteAsync(context, StatusCodes.Status415UnsupportedMediaType, "Send application/json");
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = MaxBody;
        }

        InvalidateRequest? body;
        try
        {
            body = await JsonSerializer.DeserializeAsync<InvalidateRequest>(context.Request.Body, Json, context.RequestAborted);
        }
        catch (JsonException exception)
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "The body is not a valid invalidation", exception.Message);
            return;
        }
        catch (BadHttpRequestException exception)
        {
            await Problem.WriteAsync(context, exception.StatusCode, "The body could not be read", exception.Message);
            return;
        }

        if (body is null || Error(body) is { } error)
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "The invalidation is not valid", body is null ? "The body is null" : Error(body));
            return;
        }

        var scope = new InvalidationScope
        {
            Tags = IsTogether(body) ? [] : body.Tags ?? [],
            Every = IsTogether(body) ? body.Tags! : [],
            Urls = body.Urls ?? [],
            Prefixes = body.Prefixes ?? [],
            Policies = body.Policies ?? [],
            All = body.All,
            Soft = body.Soft,
        };
        if (body.DryRun)
        {
            await context.Response.WriteAsJsonAsync(preview.Of(scope), Json, context.RequestAborted);
            return;
        }

        if (options.ConfirmAbove > 0 && !body.Confirm && preview.Of(scope) is var hit && hit.Count > options.ConfirmAbove * hit.Entries)
        {
            await Problem.WriteAsync(
                context, StatusCodes.Status409Conflict, "This needs \"confirm\": true", $"It names {hit.Count} of {hit.Entries} entries of this node");
            return;
        }

        var order = new InvalidationOrder
        {
            Id = Invalidator.NewId(),
            Scope = scope,
            Source = InvalidationSource.Admin,
            Wait = body.Wait switch { "none" => InvalidationWait.None, "local" => InvalidationWait.Local, _ => InvalidationWait.All },
            Timeout = TimeSpan.FromMilliseconds(body.TimeoutMs ?? 2000),
            Reason = body.Reason ?? "",
            Who = context.Connection.RemoteIpAddress?.ToString() ?? "",
        };
        var receipt = await invalidator.RaiseAsync(order, context.RequestAborted);
        context.Response.StatusCode = receipt.IsComplete ? StatusCodes.Status200OK : StatusCodes.Status202Accepted;
        await context.Response.WriteAsJsonAsync(receipt, Json, context.RequestAborted);
    }

    private static string? Error(InvalidateRequest body)
    {
        var tags = body.Tags ?? [];
        var urls = body.Urls ?? [];
        var prefixes = body.Prefixes ?? [];
        var policies = body.Policies ?? [];
        var names = tags.Length + urls.Length + prefixes.Length + policies.Length;
        return names == 0 && !body.All ? "Name at least one of tags, urls, prefixes, policies, or set all"
            : body.Match is not (null or "any" or "all") ? $"match is \"{body.Match}\"; it must be any or all"
            : body.Match == "all" && tags.Length == 0 ? "match says how tags are meant; name some"
            : names > MaxNames ? $"At most {MaxNames} names in one call"
            : Array.Find(tags, tag => tag is null || !TagText.IsTag(tag)) is { } tag ? $"The tag \"{tag}\" must be 1 to 256 letters, digits and _ : . / - %"
            : Array.Find(urls, url => !IsUrl(url)) is { } url ? $"The url \"{url}\" must be absolute (http or https) or start with /"
            : Array.Find(prefixes, prefix => !IsUrl(prefix)) is { } prefix ? $"The prefix \"{prefix}\" must be absolute (http or https) or start with /"
            : Array.Exists(policies, policy => policy is not { Length: > 0 and <= 256 }) ? "A policy's name must be 1 to 256 characters"
            : body.Wait is null or "none" or "local" or "all" ? body.TimeoutMs is null or (> 0 and <= 60_000) ? null : "timeoutMs must be 1 to 60000"
            : $"wait is \"{body.Wait}\"; it must be none, local or all";
    }

    /// <summary>One tag is itself, whichever way it is meant.</summary>
    private static bool IsTogether(InvalidateRequest body) => body is { Match: "all", Tags.Length: > 1 };

    private static bool IsUrl(string? text) =>
        text is { Length: > 0 and <= 8192 } && text.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0
        && (text[0] == '/' || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"));

    private sealed record InvalidateRequest
    {
        public string[]? Tags { get; init; }

        /// <summary>any (otherwise): what carries one of the tags; all: what carries every one.</summary>
        public string? Match { get; init; }

        public string[]? Urls { get; init; }

        public string[]? Prefixes { get; init; }

        public string[]? Policies { get; init; }

        public bool All { get; init; }

        public bool Soft { get; init; }

        public string? Wait { get; init; }

        public int? TimeoutMs { get; init; }

        public string? Reason { get; init; }

        /// <summary>Changes nothing; says what would be hit on this node.</summary>
        public bool DryRun { get; init; }

        /// <summary>Said by whoever means to hit a large share.</summary>
        public bool Confirm { get; init; }
    }
}
