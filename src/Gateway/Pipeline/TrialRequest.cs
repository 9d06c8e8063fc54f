using CacheGateway.Http;
using CacheGateway.Model;
using Microsoft.AspNetCore.Http.Features;

namespace CacheGateway.Pipeline;

/// <summary>A request as somebody wrote it down, to ask what would become of it.</summary>
/// <param name="Method">GET where nothing else is said.</param>
/// <param name="Scheme">http or https.</param>
/// <param name="Authority">Normalised.</param>
/// <param name="Target">Path and query, raw.</param>
/// <param name="Headers">Its fields.</param>
internal sealed record TrialRequest(string Method, string Scheme, string Authority, string Target, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>Stands in for the host of a URL that is a path alone.</summary>
    public const string AnyHost = "localhost";

    /// <summary>Reads an absolute http(s) URL, or a path with query; null and an <paramref name="error"/> that says what would be right.</summary>
    public static TrialRequest? TryParse(string? method, string url, IReadOnlyDictionary<string, string>? headers, out string? error)
    {
        headers ??= new Dictionary<string, string>();
        var scheme = url.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? "https" : "http";
        var isPath = url.StartsWith('/');
        if (!isPath && !url.StartsWith(scheme + "://", StringComparison.OrdinalIgnoreCase))
        {
            error = $"\"{url}\" is no URL; write it like /api/products?page=1 or http://api.example.org/api/products";
            return null;
        }

        if (url.AsSpan().IndexOfAnyExceptInRange('!', '~') >= 0)
        {
            error = $"\"{url}\" must be printable ASCII without spaces: write the rest with %XX";
            return null;
        }

        if (url.Contains('#', StringComparison.Ordinal))
        {
            error = $"\"{url}\" has a fragment, which no client sends; leave out # and what follows";
            return null;
        }

        var target = RequestTarget.OriginForm(url)!;
        if (RoutePath.Of(target) is null)
        {
            error = $"\"{url}\" has %00 in its path, which is refused; leave it out";
            return null;
        }

        if (method is not null && !Tokens.IsToken(method))
        {
            error = $"\"{method}\" is no method; write it like GET";
            return null;
        }

        if (method is not null && !RequestGuard.IsAsWritten(method))
        {
            error = $"\"{method}\" is no method; write it like {HttpMethods.GetCanonicalizedValue(method)}";
            return null;
        }

        var named = isPath ? null : url[(scheme.Length + 3)..].Split('/', '?')[0];
        var host = named ?? headers.FirstOrDefault(header => header.Key.Equals("Host", StringComparison.OrdinalIgnoreCase)).Value ?? AnyHost;
        if (RequestTarget.NormaliseAuthority(host, scheme) is not { } authority || RequestGuard.IsFalseName(authority))
        {
            error = $"\"{host}\" is no host";
            return null;
        }

        error = null;
        return new TrialRequest(method ?? "GET", scheme, authority, target, headers);
    }

    /// <summary>As the pipeline would get it from the server over HTTP/1.1.</summary>
    public HttpContext ToContext()
    {
        var context = new DefaultHttpContext();
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = Target;
        context.Request.Method = Method;
        context.Request.Scheme = Scheme;
        context.Request.Path = RoutePath.Of(Target)!;
        context.Request.QueryString = new QueryString(TargetParts.Query(Target).ToString());
        foreach (var (name, value) in Headers)
        {
            context.Request.Headers[name] = value;
        }

        context.Request.Host = new HostString(Authority);
        var framing = new Framing(context.Request.Headers);
        context.Features.Set<IHttpUpgradeFeature>(framing);
        context.Features.Set<IHttpRequestBodyDetectionFeature>(framing);
        return context;
    }

    /// <summary>What the server would say of the message that has these fields.</summary>
    private sealed class Framing(IHeaderDictionary headers) : IHttpUpgradeFeature, IHttpRequestBodyDetectionFeature
    {
        public bool IsUpgradableRequest => NominatedFields.Names(headers.Connection).Contains("Upgrade", StringComparer.OrdinalIgnoreCase);

        public bool CanHaveBody => headers.TransferEncoding.Count > 0 || headers.ContentLength > 0;

        public Task<Stream> UpgradeAsync() => throw new NotSupportedException("Nobody sent the request.");
    }
}
