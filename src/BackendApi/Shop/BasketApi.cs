using System.Security.Cryptography;
using BackendApi.Data;
using BackendApi.Events;
using BackendApi.Http;

namespace BackendApi.Shop;

/// <summary>
/// Data of a session, told apart by the cookie <c>sessionid</c>. A request without one gets a new one; any well-formed value that a client
/// brings is its session. The basket's version is the commit that last added to this basket, 0 while it is empty.
/// </summary>
internal static class BasketApi
{
    private const string SessionCookie = "sessionid";

    public static void MapBasket(this IEndpointRouteBuilder shop)
    {
        shop.MapRead("/session/", "shop.session", ShowAsync);
        shop.MapWrite(HttpMethods.Post, "/session/", "shop.write", AddAsync);
    }

    private static async Task<IResult> ShowAsync(HttpContext context, IRows<BasketLine> lines, CancellationToken cancellation) =>
        Results.Ok(await BasketAsync(SessionOf(context), lines, cancellation));

    private static async Task<IResult> AddAsync(
        HttpContext context, Body<BasketInput> body, IRows<BasketLine> lines, IRows<Product> products, ICacheEvents events, CancellationToken cancellation)
    {
        if (body.Problem is { } problem)
        {
            return problem;
        }

        if (await products.FindAsync(body.Value!.ProductId!.Value, cancellation) is not { } product)
        {
            return Results.ValidationProblem(new Dictionary<string, string[]> { ["productId"] = ["productId names no product."] });
        }

        var session = SessionOf(context);
        var before = await lines.ListAsync(RowQuery.Everything.Where("session_id", session), cancellation);
        if (before.Total >= RowQuery.Everything.PerPage)
        {
            return Results.Problem(statusCode: StatusCodes.Status409Conflict, detail: "The basket is full.");
        }

        await lines.AddAsync(new BasketLine { SessionId = session, ProductId = product.Id, Quantity = body.Value.Quantity!.Value }, cancellation);
        // Whose basket it is, nobody else needs to know.
        await events.PublishAsync("basket.changed", new { }, CancellationToken.None);
        return Results.Ok(await BasketAsync(session, lines, cancellation));
    }

    private static async Task<object> BasketAsync(string session, IRows<BasketLine> lines, CancellationToken cancellation)
    {
        var found = await lines.ListAsync(RowQuery.Everything.Where("session_id", session), cancellation);
        var products = found.Items.GroupBy(line => line.ProductId)
            .Select(group => new { ProductId = group.Key, Quantity = group.Sum(line => line.Quantity) });
        return new { User = session, Version = found.Items.Select(line => line.Version).DefaultIfEmpty().Max(), Items = products };
    }

    private static string SessionOf(HttpContext context)
    {
        if (context.Request.Cookies[SessionCookie] is { } session && Identity.IsName(session))
        {
            return session;
        }

        var fresh = RandomNumberGenerator.GetHexString(32, lowercase: true);
        context.Response.Cookies.Append(SessionCookie, fresh, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Lax, Path = "/" });
        return fresh;
    }
}
