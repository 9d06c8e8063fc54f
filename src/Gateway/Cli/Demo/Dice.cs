namespace CacheGateway.Cli.Demo;

/// <summary>Draws for the traffic. Each reader and writer has its own, seeded, so that two runs ask for the same mix.</summary>
internal sealed class Dice(int seed)
{
#pragma warning disable CA5394 // Who asks for what is no secret.
    private readonly Random _random = new(seed);

    public double Next() => _random.NextDouble();

    public int Between(int min, int max) => _random.Next(min, max + 1);
#pragma warning restore CA5394

    public T Of<T>(IReadOnlyList<T> choices) => choices[Between(0, choices.Count - 1)];
}
