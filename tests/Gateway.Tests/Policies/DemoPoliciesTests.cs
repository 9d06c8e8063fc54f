using System.Text.Json;
using CacheGateway.Model;
using CacheGateway.Policies;

namespace Gateway.Tests.Policies;

/// <summary>config/policies.json against what is documented for the five systems of the demo.</summary>
public sealed class DemoPoliciesTests
{
    private const string Booking = "/booking/api/v2";

    public static CachePolicyTable Table { get; } = Read();

    [Theory]
    [InlineData("/clients", 300)]
    [InlineData("/clients/7", 300)]
    [InlineData("/api/leads/", 300)]
    [InlineData("/api/leads/7/", 600)]
    [InlineData("/api/leads/summary", 900)]
    [InlineData("/api/leads/categories", 1800)]
    [InlineData("/api/leads/mine", 300)]
    [InlineData("/api/static/config", 3600)]
    [InlineData("/api/auth/permissions", 60)]
    [InlineData("/shop/api/categories/", 900)]
    [InlineData("/shop/api/products/", 300)]
    [InlineData("/shop/api/products/7", 300)]
    [InlineData("/billing/api/invoices", 300)]
    [InlineData("/billing/api/invoices/7", 300)]
    [InlineData("/billing/api/users", 300)]
    [InlineData("/billing/api/users/7", 300)]
    [InlineData("/billing/api/products", 300)]
    [InlineData("/billing/api/products/7", 300)]
    [InlineData(Booking + "/appointments/slots", 60)]
    [InlineData(Booking + "/availability/weekly", 60)]
    [InlineData(Booking + "/users/7/profile", 300)]
    [InlineData(Booking + "/analytics/revenue", 1800)]
    [InlineData(Booking + "/analytics/clients", 1800)]
    [InlineData(Booking + "/dashboard", 1800)]
    [InlineData(Booking + "/services/catalogue", 3600)]
    [InlineData(Booking + "/settings", 3600)]
    [InlineData(Booking + "/pricing", 3600)]
    [InlineData(Booking + "/business-intelligence", 900)]
    [InlineData(Booking + "/programme-metrics", 900)]
    public void Ttl_IsTheDocumentedOne(string path, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), Policy(path).Ttl);

    [Theory]
    [InlineData("/clients", "page per_page name language")]
    [InlineData("/shop/api/products/", "page per_page search ordering category__id")]
    [InlineData(Booking + "/appointments/slots", "date serviceId staffId")]
    [InlineData(Booking + "/dashboard", "")]
    public void Query_OnlyDocumentedParametersAreKeyed(string path, string names) =>
        Assert.Equal(names.Split(' ', StringSplitOptions.RemoveEmptyEntries), Policy(path).Key.QueryInclude);

    [Theory]
    [InlineData("/api/leads/mine")]
    [InlineData("/api/auth/permissions")]
    [InlineData("/clients")]
    [InlineData("/billing/api/invoices/7")]
    [InlineData(Booking + "/users/7/profile")]
    [InlineData("/shop/api/session/")]
    public void Identity_PersonalData_IsNotShared(string path) => Assert.Equal(IdentityRule.Isolate, Policy(path).Key.Identity);

    [Theory]
    [InlineData("POST", "/clients", "/clients")]
    [InlineData("PUT", "/clients/7", "/clients /clients/7")]
    [InlineData("DELETE", "/api/leads/7", "/api/leads/ /api/leads/7/ /api/leads/mine /api/leads/summary")]
    [InlineData("POST", "/api/leads", "/api/leads/ /api/leads/mine /api/leads/summary")]
    [InlineData("PATCH", "/shop/api/categories/7", "/shop/api/categories/ /shop/api/categories/7 /shop/api/products/ /shop/api/products/70")]
    [InlineData("POST", "/shop/api/categories/", "/shop/api/categories/ /shop/api/products/")]
    [InlineData("PUT", "/shop/api/products/70", "/shop/api/products/ /shop/api/products/70")]
    [InlineData("POST", "/shop/api/session/", "/shop/api/session/")]
    [InlineData("PUT", "/billing/api/invoices/7", "/billing/api/invoices /billing/api/invoices/7")]
    [InlineData("DELETE", "/billing/api/users/7", "/billing/api/users /billing/api/users/7")]
    [InlineData("POST", "/billing/api/products", "/billing/api/products")]
    [InlineData("POST", Booking + "/appointments", Booking + "/appointments/slots " + Booking + "/availability/weekly " + Booking + "/dashboard " + Booking + "/programme-metrics")]
    [InlineData("POST", Booking + "/payments", Booking + "/analytics/revenue " + Booking + "/analytics/clients " + Booking + "/dashboard " + Booking + "/business-intelligence")]
    [InlineData("PUT", Booking + "/users/7", Booking + "/users/7/profile")]
    [InlineData("PUT", Booking + "/services/3", Booking + "/services/catalogue " + Booking + "/settings " + Booking + "/pricing")]
    public void Write_RaisesEveryReadThatChanges(string method, string path, string reads)
    {
        var raised = Raised(path);

        Assert.NotEqual("GET", method);
        Assert.All(reads.Split(' '), read => Assert.True(TagsOf(read).Overlaps(raised), $"{read} is not cleared by {method} {path}"));
        Assert.Empty(TagsOf("/clients/8").Intersect(raised));
        Assert.Empty(TagsOf(Booking + "/users/8/profile").Intersect(raised));
    }

    [Theory]
    [InlineData("client.saved", "/clients /clients/7")]
    [InlineData("lead.saved", "/api/leads/ /api/leads/7/ /api/leads/mine /api/leads/summary")]
    [InlineData("category.saved", "/shop/api/categories/ /shop/api/categories/7 /shop/api/products/ /shop/api/products/70")]
    [InlineData("product.saved", "/shop/api/products/ /shop/api/products/7")]
    [InlineData("invoice.saved", "/billing/api/invoices /billing/api/invoices/7")]
    [InlineData("appointment.created", Booking + "/appointments/slots " + Booking + "/availability/weekly " + Booking + "/dashboard")]
    [InlineData("payment.created", Booking + "/analytics/revenue " + Booking + "/analytics/clients " + Booking + "/dashboard " + Booking + "/business-intelligence")]
    [InlineData("user.updated", Booking + "/users/7/profile")]
    [InlineData("service.updated", Booking + "/services/catalogue " + Booking + "/settings " + Booking + "/pricing")]
    public void Event_RaisesEveryReadThatChanges(string name, string reads)
    {
        using var data = JsonDocument.Parse("{\"id\": 7}");

        var raised = Table.Cascade(Table.Events.TagsFor(name, data.RootElement).Tags);

        Assert.All(reads.Split(' '), read => Assert.True(TagsOf(read).Overlaps(raised), $"{read} is not cleared by {name}"));
    }

    private static CachePolicyTable Read()
    {
        var (table, errors) = PolicyReader.Read(File.ReadAllBytes(Path.Combine(Repository.Root, "config", "policies.json")), "policies.json");
        Assert.Empty(errors);
        return table!;
    }

    private static CachePolicy Policy(string path) => Assert.IsType<CachePolicy>(Table.Match("GET", "localhost", path, "", RequestHeaders.None));

    /// <summary>Product 70 is of category 7, as its body says.</summary>
    private static HashSet<string> TagsOf(string path)
    {
        var policy = Policy(path);
        var resource = new ResourceId("http", "localhost", path, policy.Name, true);
        var tags = new HashSet<string>();
        TagExpansion.AddRequestTags(tags, policy.Tags, policy, resource, RequestHeaders.None);
        var body = BodySegments.Copy(path.EndsWith("/70", StringComparison.Ordinal) ? "{\"id\": 70, \"categoryId\": 7}"u8 : "{}"u8);
        Assert.True(TagExpansion.TryAddBodyTags(tags, policy, resource, body, RequestHeaders.None));
        Assert.NotEmpty(tags);
        return tags;
    }

    private static HashSet<string> Raised(string path)
    {
        var tags = new HashSet<string>();
        foreach (var policy in Table.MatchingForInvalidation("localhost", path))
        {
            TagExpansion.AddRequestTags(tags, policy.Invalidates, policy, new ResourceId("http", "localhost", path, policy.Name, true), RequestHeaders.None);
        }

        return [.. Table.Cascade(tags)];
    }
}
