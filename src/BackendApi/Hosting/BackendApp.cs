using System.Net.Sockets;
using BackendApi.Billing;
using BackendApi.Booking;
using BackendApi.Clients;
using BackendApi.Costs;
using BackendApi.Data.Postgres;
using BackendApi.Events;
using BackendApi.Leads;
using BackendApi.Shop;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;

namespace BackendApi.Hosting;

internal static class BackendApp
{
    /// <summary>Everything but listening; <paramref name="configure"/> comes last and may replace a service.</summary>
    public static async Task<WebApplication> BuildAsync(
        BackendOptions options, Action<IServiceCollection>? configure = null, CancellationToken cancellation = default)
    {
        // Always as in production: no developer's error page, whatever the environment says. The settings lie beside the program,
        // wherever it is started from.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            EnvironmentName = Environments.Production,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.WebHost.UseUrls(options.Urls);
        builder.Services.AddSingleton(new CostTable(builder.Configuration.GetSection("Costs"), options.CostScale));
        builder.Services.AddBackend(options);
        configure?.Invoke(builder.Services);

        var app = builder.Build();
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            StatusCodeSelector = static error =>
                error is NpgsqlException ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status500InternalServerError,
        });
        app.UseStatusCodePages();
        app.MapBackend();
        if (options.Database is not null)
        {
            await SetUpDatabaseAsync(app, options.Database, cancellation);
        }

        return app;
    }

    public static async Task ListenAsync(WebApplication app, BackendOptions options, CancellationToken cancellation = default)
    {
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            throw new StartFailedException($"cannot listen on {options.Urls}", error);
        }
    }

    private static async Task SetUpDatabaseAsync(WebApplication app, string connectionString, CancellationToken cancellation)
    {
        try
        {
            await app.Services.GetRequiredService<PostgresSetup>().RunAsync(cancellation);
        }
        catch (Exception error) when (error is NpgsqlException or SocketException or TimeoutException)
        {
            throw new StartFailedException($"the database {DatabaseAddress.Describe(connectionString)} cannot be used", error);
        }
    }

    private static void AddBackend(this IServiceCollection services, BackendOptions options)
    {
        services.AddProblemDetails();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<EndpointStats>();
        services.AddScoped<QueryMeter>();
        services.AddCacheEvents(options);
        services.AddClients();
        services.AddLeads();
        services.AddShop();
        services.AddBilling();
        services.AddBooking();
        if (options.Database is null)
        {
            services.AddMemoryStore();
        }
        else
        {
            services.AddPostgresStore(options.Database);
        }
    }

    private static void MapBackend(this WebApplication app)
    {
        app.MapClients();
        app.MapLeads();
        app.MapShop();
        app.MapBilling();
        app.MapBooking();
        app.MapStats();
    }
}
