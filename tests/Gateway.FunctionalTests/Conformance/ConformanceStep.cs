namespace CacheGateway.FunctionalTests.Conformance;

/// <summary>
/// One request of a case, what the origin would answer to it, and what must be seen. Bodies are the step's number unless given, so that a body names
/// the step whose answer was served. <c>{now}</c>, <c>{now-60}</c> and <c>{now+60}</c> in fields become HTTP dates.
/// </summary>
internal sealed record ConformanceStep
{
    public string Method { get; init; } = "GET";

    public string Target { get; init; } = "/r";

    public string[] RequestLines { get; init; } = [];

    /// <summary>Seconds that pass before the request.</summary>
    public double Wait { get; init; }

    /// <summary>The origin's answer, if it is asked.</summary>
    public int OriginStatus { get; init; } = 200;

    public string[] OriginLines { get; init; } = [];

    public string? OriginBody { get; init; }

    public bool OriginDated { get; init; } = true;

    /// <summary>Whether the origin answers 304 when the request carries one of its validators.</summary>
    public bool OriginValidates { get; init; }

    /// <summary>How many requests the origin must see because of this step.</summary>
    public int OriginAsked { get; init; } = 1;

    public int? ClientStatus { get; init; }

    /// <summary>The step whose body the client must get; null = its own.</summary>
    public int? BodyOf { get; init; }

    public string? ClientBody { get; init; }

    public string[] ClientLines { get; init; } = [];

    public string[] ClientWithout { get; init; } = [];

    public string[] OriginSaw { get; init; } = [];

    public string[] OriginSawNot { get; init; } = [];

    public static ConformanceStep Get(params string[] requestLines) => new() { RequestLines = requestLines };

    public static ConformanceStep Send(string method, params string[] requestLines) => new() { Method = method, RequestLines = requestLines };

    public ConformanceStep At(string target) => this with { Target = target };

    public ConformanceStep After(double seconds) => this with { Wait = seconds };

    public ConformanceStep Reply(params string[] originLines) => this with { OriginLines = originLines };

    public ConformanceStep Status(int status) => this with { OriginStatus = status };

    public ConformanceStep Content(string body) => this with { OriginBody = body };

    public ConformanceStep Undated() => this with { OriginDated = false };

    /// <summary>The client gets this step's own answer from the origin.</summary>
    public ConformanceStep FromOrigin() => this;

    /// <summary>The client gets an earlier step's answer and the origin sees nothing.</summary>
    public ConformanceStep FromCache(int step = 1) => this with { BodyOf = step, OriginAsked = 0 };

    /// <summary>The origin is asked with a validator, answers 304, and the client gets an earlier step's answer.</summary>
    public ConformanceStep Validated(int step = 1) => this with { BodyOf = step, OriginValidates = true };

    public ConformanceStep Asks(int times) => this with { OriginAsked = times };

    public ConformanceStep ClientGets(int status, string? body = null) => this with { ClientStatus = status, ClientBody = body };

    public ConformanceStep With(params string[] clientLines) => this with { ClientLines = clientLines };

    public ConformanceStep Without(params string[] names) => this with { ClientWithout = names };

    public ConformanceStep Saw(params string[] originSaw) => this with { OriginSaw = originSaw };

    public ConformanceStep SawNot(params string[] names) => this with { OriginSawNot = names };
}
