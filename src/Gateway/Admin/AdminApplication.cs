namespace CacheGateway.Admin;

/// <summary>
/// The admin listener's own pipeline with its own routing table: no path of it exists for the public listeners, and none of theirs here.
/// </summary>
internal static class AdminApplication
{
    /// <param name="services">Of the gateway.</param>
    /// <param name="map">Maps what is served beside the API.</param>
    public static RequestDelegate Build(IServiceProvider services, Action<IEndpointRouteBuilder> map)
    {
        var admin = new ApplicationBuilder(services);
        admin.UseStatusCodePages(context => Problem.WriteAsync(context.HttpContext, context.HttpContext.Response.StatusCode, Title(context.HttpContext)));
        admin.UseMiddleware<AdminGuard>();
        admin.UseMiddleware<AdminFaults>();
        admin.UseRouting();
        admin.UseMiddleware<RequestShape>();
        admin.UseMiddleware<CostlyWork>();
        admin.UseEndpoints(endpoints =>
        {
            endpoints.MapAdminApi();
            map(endpoints);
        });
        return admin.Build();
    }

    private static string Title(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => "There is nothing at this path of the admin address",
        StatusCodes.Status405MethodNotAllowed => $"Use {context.Response.Headers.Allow}",
        StatusCodes.Status400BadRequest => "The request is not valid",
        StatusCodes.Status413PayloadTooLarge => "The body is too large",
        StatusCodes.Status415UnsupportedMediaType => "Send application/json",
        _ => Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(context.Response.StatusCode),
    };
}
