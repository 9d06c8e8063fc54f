namespace BackendApi.Tests.Setup;

/// <summary>The whole API, once.</summary>
internal static class Paths
{
    public static readonly string[] Reads =
    [
        "/clients", "/clients/1",
        "/api/leads/", "/api/leads/1/", "/api/leads/summary", "/api/leads/categories", "/api/leads/mine", "/api/static/config", "/api/auth/permissions",
        "/shop/api/categories/", "/shop/api/categories/1/", "/shop/api/products/", "/shop/api/products/?category__id=1", "/shop/api/products/?search=a",
        "/shop/api/products/1/", "/shop/api/session/",
        "/billing/api/invoices", "/billing/api/invoices/1", "/billing/api/users", "/billing/api/users/1", "/billing/api/products", "/billing/api/products/1",
        "/booking/api/v2/appointments/slots", "/booking/api/v2/availability/weekly", "/booking/api/v2/services/catalogue", "/booking/api/v2/settings",
        "/booking/api/v2/pricing", "/booking/api/v2/users/1/profile", "/booking/api/v2/analytics/revenue", "/booking/api/v2/analytics/clients",
        "/booking/api/v2/dashboard", "/booking/api/v2/business-intelligence", "/booking/api/v2/programme-metrics",
    ];

    public static readonly string[] Removals = ["/clients/999999", "/api/leads/999999/", "/shop/api/products/999999/", "/billing/api/users/999999"];
}
