using BackendApi.Data;
using BackendApi.Http;

namespace BackendApi.Clients;

internal static class ClientsApi
{
    public static void AddClients(this IServiceCollection services) => services.AddTable(Client.Table);

    public static void MapClients(this IEndpointRouteBuilder routes)
    {
        routes.MapRead("/clients", "clients.list", ListAsync);
        routes.MapItem<Client>("/clients", "clients.item");
        routes.MapWrites<Client, ClientInput>("/clients", "clients.write", "client");
    }

    private static async Task<IResult> ListAsync(HttpRequest request, IRows<Client> clients, CancellationToken cancellation)
    {
        var query = new QueryReader(request);
        var wanted = query.Page().Where("name", query.Text("name"), Match.Contains).Where("language", query.Text("language", 2));
        return query.Problem ?? Results.Ok(await clients.ListAsync(wanted, cancellation));
    }
}
