using CacheGateway.Diagnostics;
using CacheGateway.Invalidation.Redis;
using CacheGateway.Policies;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Yarp.ReverseProxy.Configuration;

namespace CacheGateway.Hosting;

/// <summary>Builds the web application of <c>run</c>: listeners, services and the pipeline. Tests build the same one.</summary>
public static class GatewayApplication
{
    /// <param name="settings">Validated settings.</param>
    /// <param name="configure">Last word on services and Kestrel, for tests and for embedding.</param>
    /// <exception cref="Policies.PolicyFileException">The policy file has errors; all of them are listed.</exception>
    public static WebApplication Create(GatewaySettings settings, Action<WebApplicationBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var builder = CreateBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.NoticeClients();
        InlineScheduling.Configure(builder.Services);
        var configuration = new ConfigurationState();
        builder.Services.AddSingleton(configuration);
        if (settings.ConfigFile is { } file)
        {
            ConfigurationFile.AddWatched(builder.Configuration, file, configuration);
        }

        // Behind the file, as for the gateway's own settings: what is mounted everywhere can be told apart where it runs.
        builder.Configuration.AddEnvironmentVariables();

        // A request that got no answer is told in one line of our own; the forwarder would add a stack to each. Before the configuration, which may ask for it.
        builder.Logging.AddFilter("Yarp.ReverseProxy.Forwarder.HttpForwarder", LogLevel.None);
        // The same for each probe of a destination that is not there; that it is taken for unhealthy is told, once, by what keeps its health.
        builder.Logging.AddFilter("Yarp.ReverseProxy.Health.ActiveHealthCheckMonitor", LogLevel.None);
        // For every request that finds no destination, which is told once a second, and for every value of session affinity that is none, which any client can send.
        foreach (var teller in (string[])["Forwarder.ForwarderMiddleware", "LoadBalancing", "SessionAffinity"])
        {
            builder.Logging.AddFilter($"Yarp.ReverseProxy.{teller}", LogLevel.None);
        }

        // It would make an activity for every request, to name it in logs; where spans are exported, they are made all the same.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        // Every connection would begin one, and everything on it would carry it from step to step. Whoever prints scopes says so (Logging:CaptureScopes).
        builder.Services.Configure<LoggerFilterOptions>(filter => filter.CaptureScopes = false);
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddFilter("CacheGateway", LogLevel.Information);
        // A start that fails is told in one line by the command; the host would add the whole stack.
        var hasStarted = false;
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => level >= LogLevel.Error && Volatile.Read(ref hasStarted));
        // The same for what it has against the routes; on a reload there is nobody else to tell it.
        builder.Logging.AddFilter("Yarp.ReverseProxy.Configuration.ConfigProvider", level => level >= LogLevel.Warning && Volatile.Read(ref hasStarted));
        // A reader of the log that stops reading must not stop requests: lines are dropped instead.
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console =>
            console.QueueFullMode = Microsoft.Extensions.Logging.Console.ConsoleLoggerQueueFullMode.DropWrite);
        var listeners = Listeners.Parse(settings);
        builder.Services.AddSingleton(listeners);
        builder.WebHost.ConfigureKestrel((context, kestrel) => Configure(kestrel, context.Configuration, settings, listeners));
        builder.AddCacheGateway(settings);
        configure?.Invoke(builder);
        var app = builder.Build();
        configuration.Logger = app.Services.GetRequiredService<ILogger<ConfigurationState>>();
        configuration.Trial = new ProxyTrial(app.Services.GetRequiredService<IConfigValidator>(), app.Services.GetService<IAuthenticationSchemeProvider>()).Problem;
        // Nobody joins the others whose policies cannot be read.
        _ = app.Services.GetRequiredService<IPolicySource>();
        _ = app.Services.GetService<RedisInvalidationBus>()?.BeginAsync();
        app.MapCacheGateway(settings);
        app.Lifetime.ApplicationStarted.Register(() => Volatile.Write(ref hasStarted, true));
        return app;
    }

    /// <summary>
    /// Nothing but the operator's file, the environment and the command line configures a gateway. The framework would read appsettings.json where the process was started, which may be
    /// the folder of somebody else's application: its addresses and hosts would be this gateway's.
    /// </summary>
    private static WebApplicationBuilder CreateBuilder()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = ["--hostBuilder:reloadConfigOnChange=false"],
            EnvironmentName = Environments.Production,
            // Where there is none to fail on.
            ContentRootPath = AppContext.BaseDirectory,
        });
        var sources = ((IConfigurationBuilder)builder.Configuration).Sources;
        foreach (var file in sources.OfType<Microsoft.Extensions.Configuration.Json.JsonConfigurationSource>().ToArray())
        {
            sources.Remove(file);
        }

        // The listeners are those of the settings: addresses that images set for any server (ASPNETCORE_HTTP_PORTS) would be warned about at each start.
        builder.WebHost.UseSetting(WebHostDefaults.ServerUrlsKey, "").UseSetting(WebHostDefaults.HttpPortsKey, "").UseSetting(WebHostDefaults.HttpsPortsKey, "");
        return builder;
    }

    private static void Configure(KestrelServerOptions kestrel, IConfiguration configuration, GatewaySettings settings, Listeners listeners)
    {
        kestrel.AddServerHeader = false;
        kestrel.ResponseHeaderEncodingSelector = _ => System.Text.Encoding.Latin1;
        kestrel.RequestHeaderEncodingSelector = name =>
            name.Equals("Connection", StringComparison.OrdinalIgnoreCase) ? ConnectionFieldEncoding.Instance : System.Text.Encoding.Latin1;
        kestrel.Limits.MaxRequestBodySize = settings.MaxBodyBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = settings.MaxHeaderBytes;
        kestrel.Limits.Http2.MaxRequestHeaderFieldSize = settings.MaxHeaderBytes;
        // The server would take no more than 8 KB of it, which long searches exceed; there is one limit on what is read before anybody is known.
        kestrel.Limits.MaxRequestLineSize = settings.MaxHeaderBytes;
        // Their size is limited; browsers write each cookie as a field of its own in HTTP/2 (RFC 9113 8.2.3), and each counts.
        kestrel.Limits.MaxRequestHeaderCount = 400;
        // Half of what honest clients on bad networks are given by default: who opens connections and sends nothing holds them no longer.
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        // Certificates and their details come from the configuration (Kestrel:Certificates:Default), as in every ASP.NET Core server.
        kestrel.Configure(KestrelSection.ForServer(configuration), reloadOnChange: false);
        foreach (var listener in listeners.All)
        {
            listener.Bind(kestrel, listener.Role == ListenerRole.Admin ? listeners.AdminConnections : listeners.Connections);
        }
    }
}
