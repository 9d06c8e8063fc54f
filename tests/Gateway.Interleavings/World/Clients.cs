using System.Globalization;
using CacheGateway.Invalidation;
using CacheGateway.Model;
using Microsoft.AspNetCore.Http.Features;

namespace CacheGateway.Interleavings;

/// <summary>Who asks: readers, whose answers are judged, and the backend that says what changed.</summary>
internal sealed class Clients(World world)
{
    private static readonly string[] Tongues = ["", "de"];

    private readonly List<(GatewayNode Node, CancellationTokenSource Leaves)> _waiting = [];

    /// <summary>Those without an answer.</summary>
    public int Waiting => _waiting.Count;

    /// <param name="node">Whom the reader asks.</param>
    /// <param name="target">What for.</param>
    /// <param name="plain">Without wishes of his own, when all is healed: he must get it.</param>
    public void Get(GatewayNode node, string target, bool plain = false)
    {
        var choices = world.Choices;
        var tongue = target[1] == 'v' && !plain ? Tongues[choices.Next(2)] : "";
        var wish = plain ? 0 : choices.Next(6);
        var (leaves, http) = Begin("GET", target);
        var headers = http.Request.Headers;
        if (tongue.Length > 0)
        {
            headers["X-Tongue"] = tongue;
        }

        headers.CacheControl = wish switch { 4 => "no-cache", 5 => "max-stale=30", _ => default };
        Arrive(node, leaves, $"a client asks {node.Name} for {target}{tongue}", async arrived =>
        {
            await node.HandleAsync(http);
            if (http.Response.StatusCode == StatusCodes.Status200OK && !leaves.IsCancellationRequested)
            {
                Check(new Answer(node, target, tongue, arrived, Number(http, Origin.Sent), (int)Number(http, Origin.Version)), http);
            }
            else if (plain)
            {
                // Who is answered with errors alone is never answered with anything old.
                world.Fail($"all is healed, and {node.Name} answers a request for {target} with {http.Response.StatusCode}: {http.Response.Headers["Cache-Status"]}");
            }
        });
    }

    public void Post(GatewayNode node, string target)
    {
        var (leaves, http) = Begin("POST", target);
        Arrive(node, leaves, $"a client changes {target} through {node.Name}", async arrived =>
        {
            // What is promised concerns what was asked for before the write came here; the version that the write makes is not known yet.
            var notice = world.Ledger.Open(arrived, new Dictionary<string, int> { [target] = 0 }, node, false, $"POST {target}");
            await node.HandleAsync(http);
            if (http.Response.StatusCode == StatusCodes.Status200OK)
            {
                // What it raised lies in Redis or in this node's journal; the client is not told where.
                notice.Answered(new InvalidationReceipt($"{notice.Number}", 0, false, [], []), InvalidationWait.Local, world.Stamp(), [node]);
            }
        });
    }

    public void Invalidate(GatewayNode node, string target)
    {
        var choices = world.Choices;
        var (scope, targets, what) = Scope(target, choices);
        scope = scope with { Soft = choices.Next(3) == 2 };
        var wait = choices.Next(4) switch { 1 => InvalidationWait.Local, 2 => InvalidationWait.None, _ => InvalidationWait.All };
        if (choices.Next(4) < 3)
        {
            foreach (var changed in targets)
            {
                world.Origin.Change(changed);
            }
        }

        what = $"{(scope.Soft ? "soft " : "")}{what}, wait={wait}";
        Arrive(node, new CancellationTokenSource(), $"the backend tells {node.Name}: {what}", async arrived =>
        {
            var versions = targets.ToDictionary(one => one, world.Origin.VersionOf);
            var notice = world.Ledger.Open(arrived, versions, node, scope.Soft, what);
            var receipt = await node.Invalidator.RaiseAsync(
                new InvalidationOrder { Id = $"{notice.Number}", Scope = scope, Source = InvalidationSource.Admin, Wait = wait, Timeout = TimeSpan.FromMilliseconds(700) }, CancellationToken.None);
            notice.Answered(receipt, wait, world.Stamp(), world.Nodes);
            world.Trace($"    invalidation {notice.Number}: epoch {receipt.Epoch}{(receipt.Durable ? "" : ", not durable")}, applied by {string.Join(' ', receipt.Applied.Select(one => one.Node))}"
                + $"{(receipt.Missing.Count > 0 ? ", missing " + string.Join(' ', receipt.Missing) : "")}");
            if (choices.Next(3) > 0)
            {
                // Who comes now is whom the promise is about.
                Get(world.Nodes[choices.Next(world.Nodes.Count)], target);
            }
        });
    }

    /// <summary>One of those who wait leaves.</summary>
    public void Abandon()
    {
        if (_waiting.Count > 0)
        {
            var (node, leaves) = _waiting[world.Choices.Next(_waiting.Count)];
            if (!node.IsPaused)
            {
                world.Trace($"a client of {node.Name} leaves");
                leaves.Cancel();
            }
        }
    }

    /// <summary>The node is gone, and with it whoever waited there, and what it had not told others.</summary>
    public void Forget(GatewayNode node) => _waiting.RemoveAll(one => one.Node == node);

    /// <summary>By now everything that was taken must hold everywhere.</summary>
    public void Settle()
    {
        foreach (var notice in world.Ledger.Notices)
        {
            if (notice.Receipt is { } receipt && (receipt.Durable || !notice.Node.IsDead))
            {
                notice.Settle(world.Stamp());
            }
        }
    }

    private static (CancellationTokenSource Leaves, HttpContext Http) Begin(string method, string target)
    {
        var leaves = new CancellationTokenSource();
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Method = method,
            Scheme = "http",
            Protocol = "HTTP/1.1",
            Path = target,
            RawTarget = target,
            Headers = new HeaderDictionary { ["Host"] = "h" },
        });
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        var sent = new SentBody(new MemoryStream());
        features.Set(sent);
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(sent.Bytes));
        features.Set<IHttpRequestLifetimeFeature>(new Lifetime(leaves));
        return (leaves, new DefaultHttpContext(features) { RequestServices = EmptyServices.Instance });
    }

    private static (InvalidationScope Scope, string[] Targets, string What) Scope(string target, Choices choices)
    {
        var letter = target[1];
        return choices.Next(7) switch
        {
            0 => (new InvalidationScope { Tags = [$"{letter}:1"] }, [target], $"tag {letter}:1"),
            1 => (new InvalidationScope { Urls = [target] }, [target], $"url {target}"),
            2 => (new InvalidationScope { Prefixes = [target[..3]] }, [target], $"prefix {target[..3]}"),
            3 => (new InvalidationScope { Tags = ["every"] }, Origin.Targets, "tag every"),
            4 => (new InvalidationScope { Policies = [$"{letter}"] }, [target], $"policy {letter}"),
            5 => (new InvalidationScope { Every = [$"{letter}:1", "every"] }, [target], $"tags {letter}:1 and every"),
            _ => (new InvalidationScope { All = true }, Origin.Targets, "all"),
        };
    }

    /// <summary>The version that the body shows; -1 where it is none of ours.</summary>
    private static int Shown(HttpContext http)
    {
        var body = http.Features.GetRequiredFeature<SentBody>().Bytes.ToArray();
        var text = System.Text.Encoding.ASCII.GetString(body);
        return text.EndsWith('}') && int.TryParse(text.AsSpan(11, Math.Max(0, text.IndexOf(',', StringComparison.Ordinal) - 11)), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : -1;
    }

    private static long Number(HttpContext http, string field) =>
        long.TryParse(http.Response.Headers[field].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;

    private void Arrive(GatewayNode node, CancellationTokenSource leaves, string what, Func<long, Task> act)
    {
        var waiting = (node, leaves);
        _waiting.Add(waiting);
        world.Agenda.Add(new Happening(what, node, null, () => node.Context.Run(() => _ = RunAsync())));

        async Task RunAsync()
        {
            try
            {
                await act(world.Stamp());
            }
            catch (OperationCanceledException) when (leaves.IsCancellationRequested)
            {
                // The client left: the server would say nothing more either.
            }
            catch (Exception exception)
            {
                world.Fail($"{what}: {exception}");
            }

            _waiting.Remove(waiting);
        }
    }

    private void Check(Answer answer, HttpContext http)
    {
        var status = http.Response.Headers["Cache-Status"].ToString();
        world.Trace($"    {answer.Target}{answer.Tongue} version {answer.Version} asked for at {answer.Sent}, for the request of {answer.Arrived}: {status}");
        var shown = Shown(http);
        if (shown != answer.Version && answer.Target[1] != 'l')
        {
            // By a date alone an origin may confirm what is another version already.
            world.Fail($"{answer.Node.Name} answers with the head of version {answer.Version} and the body of {shown}");
        }
        else if (world.Ledger.Judge(answer with { Version = shown }, forError: status.Contains("stale-if-error", StringComparison.Ordinal)) is { } broken)
        {
            world.Fail(broken);
        }
    }

    private sealed class Lifetime(CancellationTokenSource leaves) : IHttpRequestLifetimeFeature
    {
        public CancellationToken RequestAborted { get; set; } = leaves.Token;

        public void Abort() => leaves.Cancel();
    }

    private sealed class EmptyServices : IServiceProvider
    {
        public static readonly EmptyServices Instance = new();

        public object? GetService(Type serviceType) => null;
    }

    /// <summary>What came to a client, whatever stood between it and the gateway.</summary>
    private sealed record SentBody(MemoryStream Bytes);
}
