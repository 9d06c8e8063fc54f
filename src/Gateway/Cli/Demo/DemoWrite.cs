namespace CacheGateway.Cli.Demo;

/// <summary>One change, and the data it changes.</summary>
internal sealed record DemoWrite(HttpMethod Method, string Path, object Body, params string[] Scopes)
{
    /// <summary>Sent as the cookie sessionid.</summary>
    public string? Session { get; init; }

    public HttpRequestMessage ToRequest(Uri server)
    {
        var request = new HttpRequestMessage(Method, new Uri(server, Path)) { Content = JsonContent.Create(Body) };
        if (Session is not null)
        {
            request.Headers.TryAddWithoutValidation("Cookie", $"sessionid={Session}");
        }

        return request;
    }
}

/// <summary>A kind of change that happens again and again.</summary>
/// <param name="Every">How far apart; null = as often as it takes to reach the share of writes.</param>
/// <param name="Next">Makes the next one.</param>
internal sealed record DemoWriteKind(TimeSpan? Every, Func<Dice, DemoWrite> Next)
{
    public static DemoWriteKind EverySeconds(int seconds, Func<Dice, DemoWrite> next) => new(TimeSpan.FromSeconds(seconds), next);
}
