using System.Globalization;
using System.Text;
using CacheGateway.Http;
using CacheGateway.Pipeline;
using CacheGateway.Policies;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace CacheGateway.Interleavings;

/// <summary>
/// The API behind the gateways, and YARP between: every answer says which version of the data it shows and when its request was sent. Sending,
/// reading and each part of answering are moments of their own.
/// </summary>
internal sealed class Origin(World world)
{
    /// <summary>When the request was sent that this answer, or the 304 that confirmed it, is the answer to.</summary>
    public const string Sent = "X-Sent";

    public const string Version = "X-Version";

    /// <summary>Validated by tag; by date alone; soon stale and refreshed meanwhile; tags in the body; one for each tongue.</summary>
    public static readonly string[] Targets = ["/e/1", "/s/1", "/l/1", "/b/1", "/v/1"];

    private readonly Dictionary<string, int> _versions = Targets.ToDictionary(target => target, _ => 1, StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _modified = Targets.ToDictionary(target => target, _ => world.Timeline.WallNow.AddHours(-1), StringComparer.Ordinal);

    public static CachePolicyTable Policies { get; } = Read("""
        { "policies": {
            "e": { "match": { "path": "/e/{id}" }, "tags": ["e:{id}"], "invalidates": ["e:{id}"] },
            "s": { "match": { "path": "/s/{id}" }, "tags": ["s:{id}"], "invalidates": ["s:{id}"], "staleIfError": "30s" },
            "l": { "match": { "path": "/l/{id}" }, "tags": ["l:{id}"], "invalidates": ["l:{id}"] },
            "b": { "match": { "path": "/b/{id}" }, "tags": ["$.tag -> {}"] },
            "v": { "match": { "path": "/v/{id}" }, "tags": ["v:{id}"] } } }
        """);

    public bool Fails { get; set; }

    public int VersionOf(string target) => _versions[target];

    /// <summary>The backend commits a change.</summary>
    public void Change(string target)
    {
        _versions[target]++;
        _modified[target] = world.Timeline.WallNow;
    }

    /// <summary>Takes the place of everything behind the cache.</summary>
    public async Task ForwardAsync(HttpContext http, GatewayNode node)
    {
        var forward = http.Features.GetRequiredFeature<ForwardFeature>();
        var target = forward.Target ?? http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var isWrite = !HttpMethods.IsGet(http.Request.Method);
        try
        {
            await world.Agenda.MomentAsync($"{node.Name} asks the origin for {target}", node, http.RequestAborted);
            var sent = world.Stamp();
            forward.Sent = true;
            await world.Agenda.MomentAsync($"the origin looks at {target}", null, http.RequestAborted);
            if (isWrite)
            {
                Change(target);
            }

            var (version, modified, now) = (_versions[target], _modified[target], world.Timeline.WallNow);
            var fails = Fails;
            await world.Agenda.MomentAsync($"the origin answers {node.Name}: {target} version {version}{(fails ? ", an error" : "")}", node, http.RequestAborted);
            if (fails)
            {
                await HeadAsync(http, forward, StatusCodes.Status500InternalServerError);
                return;
            }

            var headers = http.Response.Headers;
            var request = http.Request.Headers;
            var tongue = request["X-Tongue"].ToString();
            var etag = target[1] == 'l' ? null : $"\"{target[1]}{tongue}{version}\"";
            headers[Sent] = sent.ToString(CultureInfo.InvariantCulture);
            headers[Version] = version.ToString(CultureInfo.InvariantCulture);
            headers.Date = HttpDate.Format(now);
            headers.ETag = etag;
            headers["Cache-Tag"] = "every";
            headers.CacheControl = target[1] == 's' ? "max-age=2, stale-while-revalidate=60, stale-if-error=60" : "max-age=60, stale-if-error=60";
            headers.LastModified = target[1] == 'l' ? HttpDate.Format(modified) : default;
            headers.Vary = target[1] == 'v' ? "X-Tongue" : default;
            if (!isWrite && IsUnchanged(request, etag, modified))
            {
                await HeadAsync(http, forward, StatusCodes.Status304NotModified);
                return;
            }

            var body = Encoding.ASCII.GetBytes($$"""{"version":{{version}},"tag":"{{target[1]}}:1"}""");
            headers.ContentType = "application/json";
            headers.ContentLength = body.Length;
            await HeadAsync(http, forward, StatusCodes.Status200OK);
            await http.Response.Body.WriteAsync(body.AsMemory(0, 5), http.RequestAborted);
            await world.Agenda.MomentAsync($"the rest of {target} comes to {node.Name}", node, http.RequestAborted);
            await http.Response.Body.WriteAsync(body.AsMemory(5), http.RequestAborted);
            await world.Agenda.MomentAsync($"the end of {target} comes to {node.Name}", node, http.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            http.Features.Set<IForwarderErrorFeature>(new Cancelled());
            if (!forward.Answered)
            {
                http.Response.StatusCode = StatusCodes.Status502BadGateway;
            }
        }
    }

    private static async Task HeadAsync(HttpContext http, ForwardFeature forward, int status)
    {
        http.Response.StatusCode = status;
        forward.Answered = true;
        await forward.RespondedAsync(http, new OriginResponse(status, false, null, []));
    }

    private static bool IsUnchanged(IHeaderDictionary request, string? etag, DateTimeOffset modified) =>
        request.IfNoneMatch.Count > 0 ? etag is not null && request.IfNoneMatch.ToString().Contains(etag, StringComparison.Ordinal)
        : request.IfModifiedSince.Count > 0 && request.IfModifiedSince == HttpDate.Format(modified);

    private static CachePolicyTable Read(string text) => PolicyReader.Read(Encoding.UTF8.GetBytes(text), "policies.json") switch
    {
        ({ } table, _) => table,
        var (_, errors) => throw new InvalidOperationException(string.Join('\n', errors)),
    };

    private sealed class Cancelled : IForwarderErrorFeature
    {
        public ForwarderError Error => ForwarderError.RequestCanceled;

        public Exception? Exception => null;
    }
}
