namespace CacheGateway.Dashboard;

/// <summary>
/// The pages of streams, drawn one at a time, and once for all who follow the same address: nothing on them is a visitor's own, and the processors are there for those who are
/// served. A drawing lives as long as somebody follows it.
/// </summary>
internal sealed class LiveDrawings(PageRenderer pages, TimeProvider time, IServiceScopeFactory scopes) : IDisposable
{
    /// <summary>More open windows than a team has.</summary>
    private const int MostFollowers = 64;

    private readonly SemaphoreSlim _turn = new(1);
    private readonly List<LiveFollower> _followers = [];

    /// <summary>Null where there are too many; otherwise to be ended by <see cref="Leave"/>.</summary>
    public LiveFollower? Follow(HttpRequest request)
    {
        lock (_followers)
        {
            if (_followers.Count == MostFollowers)
            {
                return null;
            }

            var follower = new LiveFollower(request.Path.ToUriComponent() + request.QueryString);
            _followers.Add(follower);
            return follower;
        }
    }

    public void Leave(LiveFollower follower)
    {
        lock (_followers)
        {
            _followers.Remove(follower);
        }
    }

    /// <summary>The page's HTML; null where it cannot be drawn.</summary>
    /// <param name="context">Whose page it is.</param>
    /// <param name="page">Which one.</param>
    /// <param name="follower">Who is to have it.</param>
    /// <param name="oldest">A drawing that was begun so long ago, or longer, is drawn anew; one that is begun while this waits for its turn never is.</param>
    /// <param name="ending">Ends the wait.</param>
    public async Task<string?> DrawAsync(HttpContext context, PageRoute page, LiveFollower follower, TimeSpan oldest, CancellationToken ending)
    {
        var asked = time.GetTimestamp();
        await _turn.WaitAsync(ending);
        try
        {
            var drawing = Newest(follower.Address);
            if (drawing is null || time.GetElapsedTime(drawing.BegunAt, asked) >= oldest)
            {
                drawing = new LiveDrawing(time.GetTimestamp(), await RenderAsync(context, page));
            }

            follower.Drawing = drawing;
            return drawing.Html;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private LiveDrawing? Newest(string address)
    {
        lock (_followers)
        {
            return _followers.Where(follower => follower.Address == address).Select(follower => follower.Drawing).MaxBy(drawing => drawing?.BegunAt);
        }
    }

    private async Task<string?> RenderAsync(HttpContext context, PageRoute page)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<PageRequest>().Set(context, page);
        var (html, isDrawn) = await pages.DrawAsync(scope.ServiceProvider, page);
        return isDrawn ? html : null;
    }
}

/// <summary>One stream. Its drawing is read and changed by who has the turn to draw.</summary>
/// <param name="address">Path and query.</param>
internal sealed class LiveFollower(string address)
{
    public string Address => address;

    /// <summary>What it was given last; null before the first.</summary>
    public LiveDrawing? Drawing { get; set; }
}

/// <param name="BegunAt">What happened later need not be on it; a timestamp of the clock.</param>
/// <param name="Html">The whole page; null where it could not be drawn.</param>
internal sealed record LiveDrawing(long BegunAt, string? Html);
