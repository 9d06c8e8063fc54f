using BackendApi.Data;

namespace BackendApi.Http;

/// <summary>What every resource has beside its list: read one, make, replace, change, remove.</summary>
internal static class RowRoutes
{
    public static void MapItem<T>(this IEndpointRouteBuilder routes, string path, string name)
        where T : Row => routes.MapRead(path + "/{id:int}", name, static async (int id, IRows<T> rows, CancellationToken cancellation) =>
            await rows.FindAsync(id, cancellation) is { } row ? Results.Ok(row) : Results.NotFound());

    public static void MapWrites<T, TInput>(this IEndpointRouteBuilder routes, string path, string name)
        where T : Row, new()
        where TInput : class, IInput<T>
    {
        routes.MapCreate<T, TInput>(path, name);
        routes.MapReplace<T, TInput>(path, name);
        routes.MapWrite(HttpMethods.Delete, path + "/{id:int}", name, static async (int id, IRows<T> rows, CancellationToken cancellation) =>
            (await rows.RemoveAsync(id, cancellation)).Answer(row => Results.Ok(new { row.Id, row.Version })));
    }

    public static void MapCreate<T, TInput>(this IEndpointRouteBuilder routes, string path, string name)
        where T : Row, new()
        where TInput : class, IInput<T> => routes.MapWrite(HttpMethods.Post, path, name, static async (
            Body<TInput> body, HttpRequest request, IRows<T> rows, CancellationToken cancellation) => body.Problem
                ?? (await rows.AddAsync(body.Value!.ApplyTo(new T()), cancellation))
                    .Answer(row => Results.Created($"{request.Path.Value!.TrimEnd('/')}/{row.Id}", row)));

    public static void MapReplace<T, TInput>(this IEndpointRouteBuilder routes, string path, string name)
        where T : Row
        where TInput : class, IInput<T> => routes.MapChange<T, TInput>(HttpMethods.Put, path, name);

    public static void MapPatch<T, TInput>(this IEndpointRouteBuilder routes, string path, string name)
        where T : Row
        where TInput : class, IInput<T> => routes.MapChange<T, TInput>(HttpMethods.Patch, path, name);

    private static void MapChange<T, TInput>(this IEndpointRouteBuilder routes, string method, string path, string name)
        where T : Row
        where TInput : class, IInput<T> => routes.MapWrite(method, path + "/{id:int}", name, static async (
            int id, Body<TInput> body, IRows<T> rows, CancellationToken cancellation) => body.Problem
                ?? (await rows.ChangeAsync(id, body.Value!.ApplyTo, cancellation)).Answer(row => Results.Ok(row)));

    /// <summary>The write is committed by now, or did not happen.</summary>
    private static IResult Answer<T>(this WriteOutcome<T> outcome, Func<T, IResult> done)
        where T : Row => outcome.Failure switch
        {
            WriteFailure.None => done(outcome.Row!),
            WriteFailure.NotFound => Results.NotFound(),
            WriteFailure.UnknownReference => Problem(StatusCodes.Status400BadRequest, "The body refers to something that does not exist."),
            WriteFailure.Taken => Problem(StatusCodes.Status409Conflict, "Something with this value exists already."),
            WriteFailure.InUse => Problem(StatusCodes.Status409Conflict, "Other data still refers to it."),
            _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
        };

    private static IResult Problem(int status, string detail) => Results.Problem(statusCode: status, detail: detail);
}
