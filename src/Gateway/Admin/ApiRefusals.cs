using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace CacheGateway.Admin;

/// <summary>What the description of the API says of answers that come before an endpoint, or whatever it was asked for: no JSON, too much of it, too much at once.</summary>
internal static class ApiRefusals
{
    /// <summary>Adds to an endpoint what <see cref="RequestShape"/>, <see cref="StrictJson"/> and <see cref="CostlyPlaces"/> answer in its place.</summary>
    public static void Describe(EndpointBuilder endpoint)
    {
        var takes = endpoint.Metadata.OfType<IAcceptsMetadata>().FirstOrDefault();
        if (endpoint.Metadata.OfType<HttpMethodMetadata>().Any(methods => methods.HttpMethods.Contains(HttpMethods.Post)))
        {
            endpoint.Metadata.Add(Problem(StatusCodes.Status415UnsupportedMediaType));
        }

        if (takes is not null)
        {
            endpoint.Metadata.Add(Problem(StatusCodes.Status413PayloadTooLarge));
        }

        // An invalidation looks through the memory where it is only tried (dryRun).
        if (takes?.RequestType == typeof(InvalidateRequest) || endpoint.Metadata.OfType<CostlyMark>().Any())
        {
            endpoint.Metadata.Add(Problem(StatusCodes.Status503ServiceUnavailable));
            endpoint.Metadata.Add(new RetryAfterMark(StatusCodes.Status503ServiceUnavailable));
        }
    }

    /// <summary>Says of each answer that is marked so that it names when to ask again.</summary>
    public static Task DescribeRetryAfterAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        foreach (var mark in context.Description.ActionDescriptor.EndpointMetadata.OfType<RetryAfterMark>())
        {
            if (operation.Responses?[$"{mark.Status}"] is OpenApiResponse answer)
            {
                answer.Headers ??= new Dictionary<string, IOpenApiHeader>();
                answer.Headers["Retry-After"] = new OpenApiHeader { Description = "Seconds until it may be asked again.", Schema = new OpenApiSchema { Type = JsonSchemaType.Integer } };
            }
        }

        return Task.CompletedTask;
    }

    private static ProducesResponseTypeMetadata Problem(int status) => new(status, typeof(ProblemDetails), ["application/problem+json"]);
}

/// <summary>Marks an endpoint one of whose answers carries <c>Retry-After</c>.</summary>
/// <param name="Status">That answer's.</param>
internal sealed record RetryAfterMark(int Status);
