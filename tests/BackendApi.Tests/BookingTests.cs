using System.Text.Json;
using BackendApi.Tests.Setup;

namespace BackendApi.Tests;

public sealed class BookingOnMemory(MemoryBackend backend) : BookingTests(backend), IClassFixture<MemoryBackend>;

public sealed class BookingOnPostgres(PostgresBackend backend) : BookingTests(backend), IClassFixture<PostgresBackend>;

public abstract class BookingTests(BackendFixture backend) : BackendTests(backend)
{
    private const string Api = "/booking/api/v2";

    [Fact]
    public async Task Appointment_Made_TakesItsSlot()
    {
        var slots = await Backend.GetAsync($"{Api}/appointments/slots?date=2026-05-04&serviceId=3");
        var week = await Backend.GetAsync($"{Api}/availability/weekly?date=2026-05-06");
        var slot = slots.Items("slots")[0];
        var appointment = new { serviceId = 3, staffId = slot.Int("staffId"), userId = 9, startsAt = slot.Text("startsAt") };

        var made = await Backend.SendAsync(HttpMethod.Post, $"{Api}/appointments", appointment);
        Assert.Equal(201, made.Status);

        var after = await Backend.GetAsync($"{Api}/appointments/slots?date=2026-05-04&serviceId=3");
        Assert.Equal(slots.Items("slots").Skip(1).Select(left => left.GetRawText()), after.Items("slots").Select(left => left.GetRawText()));
        Assert.Equal(made.Body.Version(), after.Version());
        var weekAfter = await Backend.GetAsync($"{Api}/availability/weekly?date=2026-05-06");
        Assert.Equal(("2026-05-04", week.Items("days")[0].Int("free") - 1), (weekAfter.Text("from"), weekAfter.Items("days")[0].Int("free")));
        Assert.Equal(made.Body.Version(), weekAfter.Version());
        Assert.Equal(409, (await Backend.SendAsync(HttpMethod.Post, $"{Api}/appointments", appointment)).Status);
        Assert.Equal(made.Body.Version(), (await Backend.GetAsync($"{Api}/programme-metrics")).Version());
    }

    [Fact]
    public async Task Slots_OfAService_OnlyStaffWhoPerformIt()
    {
        var all = (await Backend.GetAsync($"{Api}/appointments/slots?date=2026-05-05")).Items("slots").Select(slot => slot.Int("staffId")).Distinct();
        var some = (await Backend.GetAsync($"{Api}/appointments/slots?date=2026-05-05&serviceId=4")).Items("slots").Select(slot => slot.Int("staffId")).Distinct();
        var one = (await Backend.GetAsync($"{Api}/appointments/slots?date=2026-05-05&staffId=2")).Items("slots");

        Assert.Equal((12, 3), (all.Count(), some.Count()));
        Assert.All(one, slot => Assert.Equal(2, slot.Int("staffId")));
        Assert.InRange(one.Length, 1, 16);
    }

    [Theory]
    [InlineData("2026-05-04T09:10:00Z")]
    [InlineData("2026-05-04T08:30:00Z")]
    [InlineData("2026-05-04T17:00:00Z")]
    [InlineData("2026-05-04T09:00:00+00:15")]
    public async Task Appointment_NotOnASlot_400(string start)
    {
        var answer = await Backend.SendAsync(HttpMethod.Post, $"{Api}/appointments", new { serviceId = 3, staffId = 3, userId = 9, startsAt = start });

        Assert.Equal(400, answer.Status);
        Assert.Equal(["startsAt"], answer.Body.Names("errors"));
    }

    [Theory]
    [InlineData("/appointments/slots?date=tomorrow", "date")]
    [InlineData("/appointments/slots?serviceId=x", "serviceId")]
    [InlineData("/availability/weekly?staffId=0", "staffId")]
    public async Task Calendar_BadParameter_ProblemNamesIt(string path, string name) =>
        Assert.Equal([name], (await Backend.GetAsync(Api + path)).Names("errors"));

    [Fact]
    public async Task Payment_Made_ChangesEveryFigureOfRevenue()
    {
        var (revenue, dashboard, business) = (await Read("analytics/revenue"), await Read("dashboard"), await Read("business-intelligence"));

        var made = await Backend.SendAsync(HttpMethod.Post, $"{Api}/payments", new { userId = 77, serviceId = 8, amount = 90_000.25m, paidOn = "2026-05-04" });

        Assert.Equal(201, made.Status);
        var after = await Read("analytics/revenue");
        Assert.Equal(revenue.Decimal("total") + 90_000.25m, after.Decimal("total"));
        Assert.Equal(MayOf(revenue) + 90_000.25m, MayOf(after));
        Assert.Equal(77, (await Read("analytics/clients")).Items("clients")[0].Int("userId"));
        Assert.Equal(dashboard.Int("payments") + 1, (await Read("dashboard")).Int("payments"));
        Assert.Equal(business.Decimal("total") + 90_000.25m, (await Read("business-intelligence")).Decimal("total"));
        Assert.Equal(8, (await Read("business-intelligence")).Items("services")[0].Int("serviceId"));
        foreach (var path in new[] { "analytics/revenue", "analytics/clients", "dashboard", "business-intelligence" })
        {
            Assert.Equal(made.Body.Version(), (await Read(path)).Version());
        }
    }

    [Fact]
    public async Task User_Changed_ProfileFollows_OthersStay()
    {
        var other = await Read("users/22/profile");

        var changed = await Backend.SendAsync(HttpMethod.Put, $"{Api}/users/21", new { name = "Zoe New", email = "zoe@example.org", phone = "1" });

        var profile = await Read("users/21/profile");
        Assert.Equal(("Zoe New", "Zoe New", changed.Body.Version()), (profile.Text("user"), profile.Text("name"), profile.Version()));
        Assert.Equal(other.GetRawText(), (await Read("users/22/profile")).GetRawText());
        Assert.Equal(404, (await Backend.SendAsync(HttpMethod.Get, $"{Api}/users/999999/profile")).Status);
    }

    [Fact]
    public async Task Service_Changed_CatalogueSettingsAndPricingFollow()
    {
        var changed = await Backend.SendAsync(HttpMethod.Put, $"{Api}/services/5", new { name = "New Name", durationMinutes = 240, price = 480, active = true });

        Assert.Equal(200, changed.Status);
        var (catalogue, settings, pricing) = (await Read("services/catalogue"), await Read("settings"), await Read("pricing"));
        Assert.Equal((80, "New Name"), (catalogue.Int("total"), catalogue.Items().Single(service => service.Int("id") == 5).Text("name")));
        Assert.Equal(240, settings.Int("longestMinutes"));
        Assert.Equal(120, pricing.Items("prices").Single(price => price.Int("serviceId") == 5).Decimal("perHour"));
        Assert.All([catalogue, settings, pricing], view => Assert.Equal(changed.Body.Version(), view.Version()));
    }

    [Fact]
    public async Task Programmes_AfterSeed_CoverEveryService() => Assert.Equal(80, (await Read("programme-metrics")).Items("programmes").Length);

    private Task<JsonElement> Read(string path) => Backend.GetAsync($"{Api}/{path}");

    private static decimal MayOf(JsonElement revenue) =>
        revenue.Items("months").Where(month => month.Text("month") == "2026-05").Sum(month => month.Decimal("revenue"));
}
