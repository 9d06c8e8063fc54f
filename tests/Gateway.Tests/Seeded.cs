using System.Globalization;
using FsCheck;

namespace CacheGateway.Tests;

/// <summary>Tries properties on the same cases in every run, so that what fails fails again; <c>FUZZ_SEED</c> gives other ones.</summary>
internal static class Seeded
{
    private static readonly ulong Seed = Environment.GetEnvironmentVariable("FUZZ_SEED") is { } text ? ulong.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : 1;

    public static void Holds(this Property property, int cases = 100) =>
        property.Check(Config.QuickThrowOnFailure.WithMaxTest(cases).WithReplay(new Replay(new Rnd(Seed), default)));
}
