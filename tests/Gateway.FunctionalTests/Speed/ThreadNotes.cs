using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace CacheGateway.FunctionalTests.Speed;

/// <summary>Whether a request was begun ("request"), asked of the origin ("ask") and its answer judged ("judge") on a thread of the pool.</summary>
internal sealed class ThreadNotes : IStartupFilter, ITransformProvider
{
    private readonly List<(string What, bool InPool)> _notes = [];

    public bool[] Of(string what)
    {
        lock (_notes)
        {
            return [.. _notes.Where(note => note.What == what).Select(note => note.InPool)];
        }
    }

    public void Clear()
    {
        lock (_notes)
        {
            _notes.Clear();
        }
    }

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(inner => context =>
        {
            Note("request");
            return inner(context);
        });
        next(app);
    };

    public void Apply(TransformBuilderContext context)
    {
        ValueTask Noted(string what)
        {
            Note(what);
            return ValueTask.CompletedTask;
        }

        context.AddRequestTransform(_ => Noted("ask"));
        context.AddResponseTransform(_ => Noted("judge"));
    }

    public void ValidateCluster(TransformClusterValidationContext context)
    {
    }

    public void ValidateRoute(TransformRouteValidationContext context)
    {
    }

    private void Note(string what)
    {
        lock (_notes)
        {
            _notes.Add((what, Thread.CurrentThread.IsThreadPoolThread));
        }
    }
}
