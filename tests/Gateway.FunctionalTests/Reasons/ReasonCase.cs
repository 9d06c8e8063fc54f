using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Reasons;

/// <summary>One way to come to a reason.</summary>
/// <param name="Reason">What must be said.</param>
/// <param name="Play">The requests; the last answer is the one that says it.</param>
internal sealed record ReasonCase(Reason Reason, Func<GatewayEnvironment, Task<RawResponse>> Play)
{
    public const string Minute = "Cache-Control: max-age=60";

    public EnvironmentOptions Options { get; init; } = new();

    /// <summary>
    /// The reason is known too late for Cache-Status (the head was sent), or that field has something more telling to say: it is counted instead.
    /// </summary>
    public bool IsCounted { get; init; }

    /// <summary>Asked twice of an origin that answers so; the second answer tells.</summary>
    public static ReasonCase Second(Reason reason, Reply reply, double after = 0, params string[] requestLines) => new(reason, async env =>
    {
        env.Origin.Get("/x", reply);
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(after);
        return await env.GetAsync("/x", requestLines);
    });

    /// <summary>Asked once.</summary>
    public static ReasonCase First(Reason reason, Reply reply, params string[] requestLines) => new(reason, env =>
    {
        env.Origin.Get("/x", reply);
        return env.GetAsync("/x", requestLines);
    });

    public ReasonCase Under(string policies) => this with { Options = Options with { Policies = policies } };

    public ReasonCase Letter() => this with { Options = Options with { Profile = CacheProfile.Rfc9111 } };

    public ReasonCase Counted() => this with { IsCounted = true };

    public async Task RunAsync()
    {
        await using var env = await GatewayEnvironment.StartAsync(Options);
        var answer = await Deadline.Within(Play(env), $"the answer that says {Reason.Text()}");
        if (IsCounted)
        {
            await env.UntilReason(Reason);
        }
        else
        {
            Assert.True(answer.CacheStatus?.Detail == Reason.Text(), $"expected detail={Reason.Text()} in\n{answer}");
        }
    }
}
