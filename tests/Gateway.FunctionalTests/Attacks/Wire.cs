namespace CacheGateway.FunctionalTests.Attacks;

/// <summary>
/// Attacks as bytes on a socket. Three things judge them, none of which is the gateway's own word: what the origin logged, what the victim got,
/// and whether the connection lives.
/// </summary>
internal static class Wire
{
    /// <summary>What a smuggled request would ask for; no test asks for it openly.</summary>
    public const string Smuggled = "GET /smuggled HTTP/1.1\r\nHost: gw.test\r\n\r\n";

    /// <summary>The request of somebody else that follows on the same connection.</summary>
    public const string Probe = "GET /probe HTTP/1.1\r\nHost: gw.test\r\n\r\n";

    private static readonly int[] Refusals = [400, 408, 413, 414, 417, 421, 431, 501, 505];

    /// <summary>A gateway whose origin answers everything storably, says what it was asked, and reads bodies.</summary>
    public static async Task<GatewayEnvironment> StartAsync(EnvironmentOptions? options = null)
    {
        var env = await GatewayEnvironment.StartAsync(options);
        env.Origin.On(null, "/*", request => Reply.Ok($"{request.Method} {request.Target} [{request.BodyText}]", "Cache-Control: max-age=60"));
        return env;
    }

    /// <summary>
    /// The message is refused with a status that says so and the connection ends, sent alone as well as with a request behind it, of which nothing
    /// reaches the origin.
    /// </summary>
    public static Task IsRefusedAsync(GatewayEnvironment env, string message, params int[] statuses) =>
        IsRefusedAsync(env, message, Probe, path => path is "/smuggled" or "/probe", statuses);

    /// <summary>The same where others use the gateway too.</summary>
    /// <param name="env">The gateway.</param>
    /// <param name="message">What is refused.</param>
    /// <param name="probe">The request behind it.</param>
    /// <param name="isOurs">Whether a path that the origin was asked for is of this message or its probe.</param>
    /// <param name="statuses">The refusals that fit; none = any.</param>
    public static async Task IsRefusedAsync(GatewayEnvironment env, string message, string probe, Func<string, bool> isOurs, int[] statuses)
    {
        foreach (var bytes in new[] { message, message + probe })
        {
            await using var client = await env.ConnectAsync();
            await client.SendAsync(bytes);
            var answer = await client.ReadAsync();
            Assert.Contains(answer.Status, statuses.Length > 0 ? statuses : Refusals);
            await IsClosedAsync(client);
        }

        Assert.DoesNotContain(env.Origin.Log, request => isOurs(request.Path));
        await LivesAsync(env);
    }

    /// <summary>The text of a path of the admin address.</summary>
    public static async Task<string> AdminTextAsync(this GatewayEnvironment env, string path)
    {
        using var answer = await env.AdminAsync(path);
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>The connection ends without another answer.</summary>
    public static async Task IsClosedAsync(RawClient client)
    {
        try
        {
            Assert.Null(await Deadline.Within(client.Reader.ReadLineAsync(), "the end of the connection"));
        }
        catch (IOException)
        {
            // RST: bytes were left unread, as they should be.
        }
    }

    /// <summary>The process answers others as before.</summary>
    public static async Task LivesAsync(GatewayEnvironment env)
    {
        var other = await env.GetAsync("/alive", "Host: gw.test");
        Assert.Equal((200, "GET /alive []"), (other.Status, other.Text));
    }
}
