namespace BackendApi.Data;

/// <summary>Seed rows are drawn from here: the same on every machine and at every start.</summary>
internal sealed class Seeds(int seed)
{
    private static readonly string[] FirstNames =
        ["Ada", "Alan", "Amir", "Anna", "Bruno", "Carla", "Chen", "Dina", "Elif", "Emil", "Fatima", "Grace", "Hugo", "Ines", "Ivan", "Jonas", "Karin",
         "Lena", "Luca", "Maria", "Mehmet", "Nadia", "Nils", "Olga", "Omar", "Paula", "Quentin", "Rosa", "Samir", "Tomas", "Ursula", "Wanda"];

    private static readonly string[] LastNames =
        ["Abbas", "Bauer", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Hansen", "Ivanova", "Jansen", "Kowalski", "Lopez", "Meyer", "Novak",
         "Okafor", "Petrov", "Quinn", "Rossi", "Schmidt", "Tanaka", "Ueda", "Virtanen", "Weber", "Xu", "Yilmaz", "Zimmer"];

#pragma warning disable CA5394 // Demo data, which has to be the same every time.
    private readonly Random _random = new(seed);

    public int Between(int min, int max) => _random.Next(min, max + 1);
#pragma warning restore CA5394

    public T Of<T>(IReadOnlyList<T> choices) => choices[Between(0, choices.Count - 1)];

    /// <summary>Always with two decimals, as the database's type has.</summary>
    public decimal Money(int min, int max) => new(Between(min * 100, max * 100), 0, 0, isNegative: false, scale: 2);

    public DateOnly Day(DateOnly first, int days) => first.AddDays(Between(0, days - 1));

    public string PersonName() => $"{Of(FirstNames)} {Of(LastNames)}";

    /// <summary>A reserved domain: nobody's address.</summary>
    public static string EmailOf(string name, int number) => $"{name.Replace(' ', '.').ToLowerInvariant()}.{number}@example.org";

    public static IEnumerable<T> Many<T>(int count, int seed, Func<Seeds, int, T> make)
    {
        var seeds = new Seeds(seed);
        return Enumerable.Range(1, count).Select(number => make(seeds, number));
    }
}
