using System.Net.Http.Headers;

namespace CacheGateway.Soak;

/// <summary>One client: asks, reads, and checks what it is given against what may be given.</summary>
internal sealed class Reader(SoakWorld world, int number)
{
    private static readonly string[] Variants = ["a", "b", "c"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Random _random = new(HashCode.Combine(world.Options.Seed, "reader", number));

    /// <summary>One request to one gateway.</summary>
    public async Task AskAsync()
    {
        var ready = world.Gateways.Where(gateway => gateway.IsReady || (!gateway.Life.IsToldToEnd && _random.Next(100) == 0)).ToArray();
        if (ready.Length == 0)
        {
            return;
        }

        var gateway = ready[_random.Next(ready.Length)];
        var resource = world.Resources.Pick(_random);
        if (_random.Next(50) == 0 && resource.Kind != "n")
        {
            await WriteAsync(gateway, resource);
        }
        else
        {
            await ReadAsync(gateway, resource);
        }
    }

    private async Task ReadAsync(SoakGateway gateway, Resource resource)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, resource.Path);
        request.Headers.Host = "soak.test";
        var user = resource.Kind == "u" ? $"user{_random.Next(5)}" : "-";
        var variant = resource.Kind == "v" ? Variants[_random.Next(Variants.Length)] : "-";
        if (user != "-")
        {
            request.Headers.Authorization = new AuthenticationHeaderValue(user);
        }

        request.Headers.TryAddWithoutValidation("X-Variant", variant);
        var (life, sent) = (gateway.Life, Clock.Now);
        // The client's own limit ends with the head: a body that never ends must be seen, not waited for.
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            using var response = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            if (_random.Next(40) == 0)
            {
                // Leaves in the middle.
                world.History.Count("answers left in the middle");
                return;
            }

            var bytes = await response.Content.ReadAsByteArrayAsync(patience.Token);
            world.History.Count("answers");
            Check(gateway, resource, user, variant, sent, response, bytes);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            Broken(gateway, life, resource, sent, broken);
        }
    }

    private void Check(SoakGateway gateway, Resource resource, string user, string variant, TimeSpan sent, HttpResponseMessage response, byte[] bytes)
    {
        var history = world.History;
        var status = response.Headers.TryGetValues("Cache-Status", out var values) ? string.Join(", ", values) : "";
        var where = $"{resource.Path} at g{gateway.Number}, sent at {sent.TotalSeconds:0.000} s, {(int)response.StatusCode} {status}";
        if (status.Contains("; hit", StringComparison.Ordinal))
        {
            history.Count("hits");
            if (resource.Kind == "n")
            {
                history.Violate("answers stored that must not be", where);
            }
        }

        if ((int)response.StatusCode != 200)
        {
            if (world.OriginFaults.Touch(sent, Clock.Now))
            {
                history.Count("errors while the origin failed");
            }
            else
            {
                history.Violate("gateway errors with a healthy origin", where);
            }

            return;
        }

        if (Body.TryRead(bytes) is not { } body)
        {
            history.Violate("bytes not as sent", $"{where}, {bytes.Length} bytes");
        }
        else if (body.Path != resource.Path || body.User != user || body.Variant != variant)
        {
            history.Violate("foreign answers", $"{where} for {user} {variant}, got {body.Path} {body.User} {body.Variant}");
        }
        else if (body.Version < resource.Least(sent, gateway.Number))
        {
            history.Violate("stale after acknowledged invalidation", $"{where}, got version {body.Version}, acknowledged {resource.Least(sent, gateway.Number)}");
        }
    }

    private async Task WriteAsync(SoakGateway gateway, Resource resource)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, resource.Path);
        request.Headers.Host = "soak.test";
        var starts = gateway.Starts;
        var (life, sent) = (gateway.Life, Clock.Now);
        try
        {
            using var response = await gateway.Client.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            world.History.Count("writes");
            if ((int)response.StatusCode == 200 && long.TryParse(text, out var version) && gateway.Starts == starts)
            {
                resource.AcknowledgeAt(gateway.Number, version);
            }
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            Broken(gateway, life, resource, sent, broken);
        }
    }

    private void Broken(SoakGateway gateway, SoakLife life, Resource resource, TimeSpan sent, Exception broken)
    {
        if (life.Owes(sent) && broken.GetBaseException() is not System.Net.Sockets.SocketException { SocketErrorCode: System.Net.Sockets.SocketError.ConnectionRefused })
        {
            world.History.Violate("requests lost by SIGTERM", $"{resource.Path} at g{gateway.Number}, sent at {sent.TotalSeconds:0.000} s: {broken.GetBaseException().Message}");
        }
        else if (gateway.Interruptions.Touch(sent, Clock.Now))
        {
            world.History.Count("requests to a gateway that was down");
        }
        else if (world.OriginFaults.Touch(sent, Clock.Now))
        {
            world.History.Count("answers cut because the origin cut them");
        }
        else
        {
            world.History.Violate("broken answers without a cause", $"{resource.Path} at g{gateway.Number}, sent at {sent.TotalSeconds:0.000} s: {broken.GetBaseException().Message}");
        }
    }
}
