namespace CacheGateway.Cli.Demo.Systems;

internal static class ClientsSystem
{
    private const int Known = 20;

    public static DemoSystem Create() => new("clients", 4,
    [
        new("clients.list", 70, 20, [.. ReadsOf.Pages("/clients", 3, ["", "language=de", "name=an", "name=er&language=en"], "clients")]),
        new("clients.item", 30, 20, [.. ReadsOf.Items("/clients/{id}", Known, "client:{id}")]),
    ],
    [
        DemoWriteKind.EverySeconds(7, dice => Change(dice.Between(1, Known), dice)),
        DemoWriteKind.EverySeconds(15, dice => new DemoWrite(HttpMethod.Post, "/clients", Body(dice), "clients")),
    ]);

    private static DemoWrite Change(int id, Dice dice) =>
        new(HttpMethod.Put, $"/clients/{id}", Body(dice), "clients", $"client:{id}");

    private static object Body(Dice dice) => new
    {
        name = $"Client {dice.Between(1, 9999)}",
        email = "client@example.org",
        language = dice.Of(["de", "en", "tr"]),
        country = "Germany",
    };
}
