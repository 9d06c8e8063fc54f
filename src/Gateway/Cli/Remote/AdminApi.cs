using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;

namespace CacheGateway.Cli.Remote;

/// <summary>The admin API of one running gateway. What is no success is an <see cref="AdminException"/> with the gateway's own words.</summary>
internal sealed class AdminApi : IDisposable
{
    public const string Root = "/api/v2/cache/";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);

    private readonly HttpClient _client;
    private readonly bool _hasToken;

    public AdminApi(Uri address, string? token)
    {
        Address = address;
        _hasToken = token is not null;
        // The gateway itself, whatever proxies the machine is set up for.
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5) })
        {
            BaseAddress = address,
            Timeout = Patience,
        };
        if (token is not null)
        {
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    public Uri Address { get; }

    private string NoAdmin => $"no admin API at {Address.GetLeftPart(UriPartial.Authority)}; is it the public address? --admin names one of the gateway's --admin-urls";

    public Task<JsonElement> GetAsync(string path, CancellationToken cancellation) => SendAsync(HttpMethod.Get, path, null, cancellation);

    public Task<JsonElement> PostAsync(string path, object body, CancellationToken cancellation) => SendAsync(HttpMethod.Post, path, body, cancellation);

    public void Dispose() => _client.Dispose();

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, Root + path);
        if (body is not null)
        {
            request.Content = JsonContent.Create(body, body.GetType(), options: JsonSerializerOptions.Web);
        }

        try
        {
            using var response = await _client.SendAsync(request, cancellation);
            var text = await response.Content.ReadAsStringAsync(cancellation);
            return response.IsSuccessStatusCode ? Parse(text) : throw Refused(response.StatusCode, text);
        }
        catch (HttpRequestException exception)
        {
            throw new AdminException($"no gateway answers at {Address.GetLeftPart(UriPartial.Authority)} ({Why(exception)}); is it running with --admin-urls? --admin names another address");
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new AdminException($"the gateway at {Address.GetLeftPart(UriPartial.Authority)} did not answer within {Patience.TotalSeconds:0} s");
        }
    }

    private JsonElement Parse(string text)
    {
        try
        {
            return JsonDocument.Parse(text).RootElement;
        }
        catch (JsonException)
        {
            throw new AdminException(NoAdmin);
        }
    }

    private AdminException Refused(HttpStatusCode status, string text)
    {
        var (title, detail) = Problem(text);
        var said = title is null ? $"HTTP {(int)status}" : detail is null ? title : $"{title}: {detail}";
        return status switch
        {
            HttpStatusCode.Unauthorized when _hasToken => new AdminException("the admin token that was given ($CACHEGATEWAY__ADMINTOKEN, or --token) is not the gateway's"),
            HttpStatusCode.Unauthorized => new AdminException("the gateway wants its admin token: give it in $CACHEGATEWAY__ADMINTOKEN, or with --token"),
            // The admin API says more than the status does.
            HttpStatusCode.NotFound when title is null or "Not Found" => new AdminException(NoAdmin),
            HttpStatusCode.MethodNotAllowed when title is null or "Method Not Allowed" => new AdminException(NoAdmin),
            HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge => new AdminException(said, isBadUsage: true),
            _ => new AdminException(said),
        };
    }

    private static (string? Title, string? Detail) Problem(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return (json.RootElement.Text("title"), json.RootElement.Text("detail"));
        }
        catch (JsonException)
        {
            return (null, null);
        }
    }

    private static string Why(HttpRequestException exception) =>
        exception.GetBaseException() is SocketException socket ? socket.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => "connection refused",
            SocketError.HostNotFound => "no such host",
            _ => socket.SocketErrorCode.ToString(),
        } : exception.GetBaseException().Message.TrimEnd('.');
}
