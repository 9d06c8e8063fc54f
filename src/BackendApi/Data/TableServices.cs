namespace BackendApi.Data;

internal static class TableServices
{
    public static void AddTable<T>(this IServiceCollection services, Table<T> table)
        where T : Row
    {
        services.AddSingleton(table);
        services.AddSingleton<ITable>(table);
    }
}
