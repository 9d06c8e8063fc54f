using BackendApi.Booking;
using BackendApi.Data;
using BackendApi.Data.Memory;
using BackendApi.Data.Postgres;
using BackendApi.Leads;
using Dapper;
using Npgsql;

namespace BackendApi.Hosting;

internal static class StoreServices
{
    public static void AddMemoryStore(this IServiceCollection services)
    {
        services.AddSingleton<MemoryDatabase>();
        services.AddScoped<MemorySession>();
        services.AddScoped(typeof(IRows<>), typeof(MemoryRows<>));
        services.AddScoped<ILeadReports, MemoryLeadReports>();
        services.AddScoped<IBookingReports, MemoryBookingReports>();
        services.AddSingleton<IDataSource, MemorySource>();
    }

    public static void AddPostgresStore(this IServiceCollection services, string connectionString)
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        SqlMapper.AddTypeHandler(new DateOnlyHandler());
        services.AddSingleton(_ => NpgsqlDataSource.Create(connectionString));
        services.AddSingleton<PostgresSetup>();
        services.AddScoped<PostgresSession>();
        services.AddScoped(typeof(IRows<>), typeof(PostgresRows<>));
        services.AddScoped<ILeadReports, PostgresLeadReports>();
        services.AddScoped<IBookingReports, PostgresBookingReports>();
        services.AddSingleton<IDataSource, PostgresSource>();
    }
}
