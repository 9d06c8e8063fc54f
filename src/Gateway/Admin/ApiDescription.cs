using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace CacheGateway.Admin;

/// <summary>What the description of the API says beyond its endpoints: its name, and the token where one is asked for. HEAD goes without saying.</summary>
internal sealed class ApiDescription(AdminOptions admin) : IOpenApiDocumentTransformer
{
    private const string Bearer = "bearer";

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info.Title = "CacheGateway";
        if (admin.Token is not null)
        {
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = Bearer, Description = "The admin token (RFC 6750)." };
        }

        foreach (var (path, item) in document.Paths)
        {
            item.Operations?.Remove(HttpMethod.Head);
            if (admin.Token is null || path is "/healthz" or "/readyz")
            {
                continue;
            }

            foreach (var operation in item.Operations?.Values ?? Enumerable.Empty<OpenApiOperation>())
            {
                operation.Security ??= [];
                operation.Security.Add(new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] });
                operation.Responses ??= [];
                operation.Responses["401"] = new OpenApiResponse { Description = "Without the admin token, or with another." };
            }
        }

        return Task.CompletedTask;
    }
}
