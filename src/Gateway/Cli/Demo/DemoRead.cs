namespace CacheGateway.Cli.Demo;

/// <summary>One thing to ask for, and what a right answer to exactly this request says of itself.</summary>
internal sealed record DemoRead(string Path)
{
    /// <summary>Sent as Authorization: Bearer.</summary>
    public string? User { get; init; }

    /// <summary>Sent as the cookie sessionid.</summary>
    public string? Session { get; init; }

    /// <summary>The data behind the answer: it may not be older than any confirmed write to one of these.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>A scope that only the answer names: the member that holds the id, and what stands before it.</summary>
    public (string Member, string Prefix)? InnerScope { get; init; }

    /// <summary>Members whose value follows from the request. Another value is somebody else's answer.</summary>
    public IReadOnlyList<(string Member, string Value)> Echo { get; init; } = [];

    public HttpRequestMessage ToRequest(Uri server)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server, Path));
        if (User is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {User}");
        }

        if (Session is not null)
        {
            request.Headers.TryAddWithoutValidation("Cookie", $"sessionid={Session}");
        }

        return request;
    }
}
