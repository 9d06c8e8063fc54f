using BackendApi.Data;
using BackendApi.Events;

namespace BackendApi.Http;

/// <summary>What every resource has beside its list: read one, make, replace, change, remove. Each write says afterwards what happened.</summary>
internal static class RowRoutes
{
    public static void MapItem<T>(this IEndpointRouteBuilder routes, string path, string name)
        where T : Row => routes.MapRead(path + "/{id:int}", name, static async (int id, IRows<T> rows, CancellationToken cancellation) =>
            await rows.FindAsync(id, cancellation) is { } row ? Results.Ok(row) : Results.NotFound());

    /// <param name="routes">Where to.</param>
    /// <param name="path">Of the list.</param>
    /// <param name="name">The name of the cost.</param>
    /// <param name="kind">What a row is; it is "saved" and "deleted".</param>
    public static void MapWrites<T, TInput>(this IEndpointRouteBuilder routes, string path, string name, string kind)
        where T : Row, new()
        where TInput : class, IInput<T>
    {
        routes.MapCreate<T, TInput>(path, name, $"{kind}.saved");
        routes.MapReplace<T, TInput>(path, name, $"{kind}.saved");
        routes.MapWrite(HttpMethods.Delete, path + "/{id:int}", name, async (int id, IRows<T> rows, ICacheEvents events, CancellationToken cancellation) =>
            await (await rows.RemoveAsync(id, cancellation)).AnswerAsync(events, $"{kind}.deleted", row => Results.Ok(new { row.Id, row.Version })));
    }

    public static void MapCreate<T, TInput>(this IEndpointRouteBuilder routes, string path, string name, string happened)
        where T : Row, new()
        where TInput : class, IInput<T> => routes.MapWrite(HttpMethods.Post, path, name, async (
            Body<TInput> body, HttpRequest request, IRows<T> rows, ICacheEvents events, CancellationToken cancellation) => body.Problem
                ?? await (await rows.AddAsync(body.Value!.ApplyTo(new T()), cancellation))
                    .AnswerAsync(events, happened, row => Results.Created($"{request.Path.Value!.TrimEnd('/')}/{row.Id}", row)));

    public static void MapReplace<T, TInput>(this IEndpointRouteBuilder routes, string path, string name, string happened)
        where T : Row
        where TInput : class, IInput<T> => routes.MapChange<T, TInput>(HttpMethods.Put, path, name, happened);

    public static void MapPatch<T, TInput>(this IEndpointRouteBuilder routes, string path, string name, string happened)
        where T : Row
        where TInput : class, IInput<T> => routes.MapChange<T, TInput>(HttpMethods.Patch, path, name, happened);

    private static void MapChange<T, TInput>(this IEndpointRouteBuilder routes, string method, string path, string name, string happened)
        where T : Row
        where TInput : class, IInput<T> => routes.MapWrite(method, path + "/{id:int}", name, async (
            int id, Body<TInput> body, IRows<T> rows, ICacheEvents events, CancellationToken cancellation) => body.Problem
                ?? await (await rows.ChangeAsync(id, body.Value!.ApplyTo, cancellation)).AnswerAsync(events, happened, row => Results.Ok(row)));

    /// <summary>The write is committed by now, or did not happen. A client that leaves does not keep the others from learning of it.</summary>
    private static async Task<IResult> AnswerAsync<T>(this WriteOutcome<T> outcome, ICacheEvents events, string happened, Func<T, IResult> done)
        where T : Row
    {
        if (outcome.Failure == WriteFailure.None)
        {
            await events.PublishAsync(happened, new { outcome.Row!.Id }, CancellationToken.None);
        }

        return outcome.Failure switch
        {
            WriteFailure.None => done(outcome.Row!),
            WriteFailure.NotFound => Results.NotFound(),
            WriteFailure.UnknownReference => Problem(StatusCodes.Status400BadRequest, "The body refers to something that does not exist."),
            WriteFailure.Taken => Problem(StatusCodes.Status409Conflict, "Something with this value exists already."),
            WriteFailure.InUse => Problem(StatusCodes.Status409Conflict, "Other data still refers to it."),
            _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
        };
    }

    private static IResult Problem(int status, string detail) => Results.Problem(statusCode: status, detail: detail);
}
