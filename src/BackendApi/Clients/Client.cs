using System.ComponentModel.DataAnnotations;
using BackendApi.Data;
using BackendApi.Http;

namespace BackendApi.Clients;

internal sealed record Client : Row
{
    private static readonly string[] Languages = ["de", "en", "es", "fr", "it", "nl", "pl", "tr"];
    private static readonly string[] Countries = ["Austria", "Belgium", "France", "Germany", "Italy", "Netherlands", "Poland", "Spain", "Turkey"];

    public string Name { get; init; } = "";

    public string Email { get; init; } = "";

    /// <summary>Two letters, ISO 639-1.</summary>
    public string Language { get; init; } = "";

    public string Country { get; init; } = "";

    public static Table<Client> Table { get; } = new("clients", Seed);

    private static IEnumerable<Client> Seed() => Seeds.Many(5000, 11, static (seeds, number) =>
    {
        var name = seeds.PersonName();
        return new Client { Name = name, Email = Seeds.EmailOf(name, number), Language = seeds.Of(Languages), Country = seeds.Of(Countries) };
    });
}

internal sealed record ClientInput : IInput<Client>
{
    [Required, StringLength(100, MinimumLength = 1)]
    public string? Name { get; init; }

    [Required, EmailAddress, StringLength(200)]
    public string? Email { get; init; }

    [Required, RegularExpression("[a-z]{2}")]
    public string? Language { get; init; }

    [Required, StringLength(60, MinimumLength = 1)]
    public string? Country { get; init; }

    public Client ApplyTo(Client row) => row with
    {
        Name = Name ?? row.Name,
        Email = Email ?? row.Email,
        Language = Language ?? row.Language,
        Country = Country ?? row.Country,
    };
}
