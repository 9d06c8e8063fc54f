using System.Net.Http.Json;
using System.Text.Json;
using CacheGateway.Hosting;
using CacheGateway.Policies;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>
/// One scripted origin and one real gateway in front of it, on loopback, with a clock that only the test moves. Created and disposed by one test.
/// </summary>
internal sealed class GatewayEnvironment : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly HttpClient _admin;
    private readonly WebApplication _gateway;

    private GatewayEnvironment(DirectoryInfo folder, ManualTime time, ScriptedOrigin origin, WebApplication gateway)
    {
        _folder = folder;
        Time = time;
        Origin = origin;
        _gateway = gateway;
        Addresses = [.. gateway.Urls.Select(url => new Uri(url))];
        _admin = new HttpClient(PlainHandler()) { BaseAddress = Addresses[^1] };
        Client = new HttpClient(PlainHandler()) { BaseAddress = Address };
    }

    public ManualTime Time { get; }

    public ScriptedOrigin Origin { get; }

    /// <summary>All bound addresses in the order of the settings: public, HTTP/2 without TLS, admin.</summary>
    public IReadOnlyList<Uri> Addresses { get; }

    /// <summary>The gateway's first public address.</summary>
    public Uri Address => Addresses[0];

    /// <summary>For requests whose exact bytes do not matter; follows nothing, keeps nothing.</summary>
    public HttpClient Client { get; }

    public IServiceProvider Services => _gateway.Services;

    public static async Task<GatewayEnvironment> StartAsync(EnvironmentOptions? options = null)
    {
        options ??= new EnvironmentOptions();
        var time = new ManualTime();
        var origin = ScriptedOrigin.Start(time);
        var folder = Directory.CreateTempSubdirectory("cachegateway-test-");
        if (options.Policies is { } policies)
        {
            await File.WriteAllTextAsync(PoliciesIn(folder), policies);
        }

        var address = origin.Address.ToString().TrimEnd('/');
        string? configuration = null;
        if (options.Configuration is { } text)
        {
            configuration = ConfigurationIn(folder);
            await File.WriteAllTextAsync(configuration, text(address));
        }

        var settings = options.Settings(new GatewaySettings
        {
            Origin = configuration is null ? address : null,
            ConfigFile = configuration,
            Urls = ["http://127.0.0.1:0"],
            AdminUrls = ["http://127.0.0.1:0"],
            Profile = options.Profile,
            PoliciesFile = options.Policies is null ? null : PoliciesIn(folder),
            Node = "a",
        });
        try
        {
            return new GatewayEnvironment(folder, time, origin, await GatewayHost.StartAsync(settings, time, options.Configure));
        }
        catch
        {
            await origin.DisposeAsync();
            folder.Delete(recursive: true);
            throw;
        }
    }

    public static Task<GatewayEnvironment> StartAsync(string policies) => StartAsync(new EnvironmentOptions { Policies = policies });

    /// <summary>GET on a connection of its own.</summary>
    public Task<RawResponse> GetAsync(string target, params string[] headerLines) => SendAsync("GET", target, null, headerLines);

    /// <summary>One request on a connection of its own.</summary>
    public async Task<RawResponse> SendAsync(string method, string target, string? body = null, params string[] headerLines)
    {
        await using var client = await ConnectAsync();
        await client.SendAsync(method, target, headerLines, body);
        return await client.ReadAsync(method);
    }

    public Task<RawClient> ConnectAsync() => RawClient.ConnectAsync(Address);

    /// <summary>Raises tags through the admin API and requires that it says they are applied.</summary>
    public async Task InvalidateAsync(params string[] tags)
    {
        using var answer = await InvalidateAsync(new { tags });
        Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
    }

    /// <summary>Posts an invalidation order as the admin API takes it.</summary>
    public Task<HttpResponseMessage> InvalidateAsync(object order, CancellationToken leaving = default) =>
        _admin.PostAsJsonAsync("/api/v2/cache/invalidate", order, JsonSerializerOptions.Web, leaving);

    /// <summary>Writes policies.json anew and moves the clock until the gateway has taken or refused it, and done what follows from it.</summary>
    public async Task ChangePoliciesAsync(string json)
    {
        var policies = _gateway.Services.GetRequiredService<IPolicySource>();
        // The last who is told: the gateway's own parts were before.
        var told = new TaskCompletionSource();
        policies.Changed += (_, _) => told.TrySetResult();
        await File.WriteAllTextAsync(PoliciesIn(_folder), json);
        await Deadline.Until(
            () =>
            {
                Time.AdvanceSeconds(0.3);
                return Task.FromResult(told.Task.IsCompleted);
            },
            "the changed policies");
    }

    /// <summary>Where its configuration file is, if it has one.</summary>
    public string ConfigurationPath => ConfigurationIn(_folder);

    /// <summary>Writes the configuration file anew (null: removes it) and waits until health warns of it, or does not.</summary>
    public async Task ChangeConfigurationAsync(string? json, string warning)
    {
        if (json is null)
        {
            File.Delete(ConfigurationIn(_folder));
        }
        else
        {
            await File.WriteAllTextAsync(ConfigurationIn(_folder), json);
        }

        await Deadline.Until(
            async () => await _admin.GetStringAsync("/healthz") is var health
                && (warning.Length == 0 ? !health.Contains("configuration", StringComparison.Ordinal) : health.Contains(warning, StringComparison.Ordinal)),
            $"the warning \"{warning}\"");
    }

    public async Task<HttpResponseMessage> PostAdminAsync(string path, string json)
    {
        using var content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        return await _admin.PostAsync(path, content);
    }

    public Task<HttpResponseMessage> AdminAsync(string path) => _admin.GetAsync(path);

    /// <summary>The sum of a metric's samples over all labels; 0 when it has none yet.</summary>
    public async Task<double> MetricAsync(string name) => MetricsText.Sum(await _admin.GetStringAsync("/metrics"), name);

    public Task UntilMetric(string name, Func<double, bool> condition) =>
        Deadline.Until(async () => condition(await MetricAsync(name)), $"metric {name}");

    /// <summary>Stops the gateway as SIGTERM does; the origin goes on.</summary>
    public Task StopGatewayAsync() => _gateway.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _admin.Dispose();
        await Origin.DisposeAsync();
        await _gateway.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static string ConfigurationIn(DirectoryInfo folder) => Path.Combine(folder.FullName, "gateway.json");

    private static string PoliciesIn(DirectoryInfo folder) => Path.Combine(folder.FullName, "policies.json");

    private static SocketsHttpHandler PlainHandler() => new() { AllowAutoRedirect = false, UseCookies = false, UseProxy = false };
}
