using BackendApi.Data;
using BackendApi.Http;

namespace BackendApi.Billing;

internal static class BillingApi
{
    public static void AddBilling(this IServiceCollection services)
    {
        services.AddTable(BillingUser.Table);
        services.AddTable(BillingProduct.Table);
        services.AddTable(Invoice.Table);
    }

    public static void MapBilling(this IEndpointRouteBuilder routes)
    {
        var billing = routes.MapGroup("/billing/api");
        billing.MapRead("/invoices", "billing.invoices", ListInvoicesAsync);
        billing.MapItem<Invoice>("/invoices", "billing.invoice");
        billing.MapWrites<Invoice, InvoiceInput>("/invoices", "billing.write", "invoice");

        billing.MapRead("/users", "billing.users", ListByNameAsync<BillingUser>);
        billing.MapItem<BillingUser>("/users", "billing.user");
        billing.MapWrites<BillingUser, BillingUserInput>("/users", "billing.write", "billing-user");

        billing.MapRead("/products", "billing.products", ListByNameAsync<BillingProduct>);
        billing.MapItem<BillingProduct>("/products", "billing.product");
        billing.MapWrites<BillingProduct, BillingProductInput>("/products", "billing.write", "billing-product");
    }

    private static async Task<IResult> ListInvoicesAsync(HttpRequest request, IRows<Invoice> invoices, CancellationToken cancellation)
    {
        var query = new QueryReader(request);
        var wanted = query.Page().Where("user_id", query.Integer("user_id")).Where("status", query.Text("status"));
        return query.Problem ?? Results.Ok(await invoices.ListAsync(wanted, cancellation));
    }

    private static async Task<IResult> ListByNameAsync<T>(HttpRequest request, IRows<T> rows, CancellationToken cancellation)
        where T : Row
    {
        var query = new QueryReader(request);
        var wanted = query.Page().Where("name", query.Text("name"), Match.Contains);
        return query.Problem ?? Results.Ok(await rows.ListAsync(wanted, cancellation));
    }
}
