using BackendApi.Costs;

namespace BackendApi.Http;

/// <summary>Routes that carry the name under which their cost is set and counted.</summary>
internal static class Routes
{
    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    public static void MapRead(this IEndpointRouteBuilder routes, string pattern, string name, Delegate handler) =>
        routes.MapRead(pattern, _ => name, handler);

    public static void MapRead(this IEndpointRouteBuilder routes, string pattern, Func<HttpRequest, string> nameOf, Delegate handler) =>
        routes.MapMethods(pattern, Reading, handler).AddEndpointFilter(new CostFilter(nameOf));

    public static void MapWrite(this IEndpointRouteBuilder routes, string method, string pattern, string name, Delegate handler) =>
        routes.MapMethods(pattern, [method], handler).AddEndpointFilter(new CostFilter(_ => name));
}
