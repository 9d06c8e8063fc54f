using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace CacheGateway.FunctionalTests.Conformance;

/// <summary>Plays a case against a gateway and origin of its own.</summary>
internal sealed partial class ConformanceRun
{
    private readonly GatewayEnvironment _env;
    private readonly ConformanceCase _row;
    private readonly StringBuilder _seen = new();
    private int _at;

    private ConformanceRun(GatewayEnvironment env, ConformanceCase row)
    {
        _env = env;
        _row = row;
    }

    private ConformanceStep Step => _row.Steps[_at];

    public static async Task RunAsync(ConformanceCase row)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Profile = row.Profile });
        var run = new ConformanceRun(env, row);
        env.Origin.On(null, "/*", run.Answer);
        for (run._at = 0; run._at < row.Steps.Length; run._at++)
        {
            await run.PlayAsync();
        }
    }

    [GeneratedRegex(@"\{now(?<offset>[+-]\d+)?\}")]
    private static partial Regex Now();

    private static string BodyOf(ConformanceStep step, int number) => step.OriginBody ?? number.ToString(CultureInfo.InvariantCulture);

    private static bool Carries(OriginRequest request, string[] lines) =>
        (lines.Joined("ETag") is { } etag && request.Header("If-None-Match")?.Contains(etag, StringComparison.Ordinal) == true)
        || (lines.Joined("Last-Modified") is { } date && request.Header("If-Modified-Since") == date);

    private Reply Answer(OriginRequest request)
    {
        var lines = Step.OriginLines.Select(Dated).ToArray();
        if (Step.OriginValidates && Carries(request, lines))
        {
            return Reply.Of(304, "", lines) with { Dated = Step.OriginDated };
        }

        var body = Step.OriginStatus is 204 or 304 ? "" : BodyOf(Step, _at + 1);
        return Reply.Of(Step.OriginStatus, body, lines) with { Dated = Step.OriginDated };
    }

    private string Dated(string line) => Now().Replace(line, match =>
    {
        var offset = match.Groups["offset"] is { Success: true } given ? int.Parse(given.Value, CultureInfo.InvariantCulture) : 0;
        return _env.Time.GetUtcNow().AddSeconds(offset).ToString("R", CultureInfo.InvariantCulture);
    });

    private async Task PlayAsync()
    {
        _env.Time.AdvanceSeconds(Step.Wait);
        var before = _env.Origin.Log.Count;
        var response = await _env.SendAsync(Step.Method, Step.Target, Step.Method is "POST" or "PUT" or "PATCH" ? "x" : null, [.. Step.RequestLines.Select(Dated)]);
        var asked = _env.Origin.Log.Skip(before).ToList();

        // What came before tells why this step went wrong.
        var where = $"{_seen}step {_at + 1} of \"{_row.Name}\" ({_row.Section})";
        _seen.Append(CultureInfo.InvariantCulture, $"step {_at + 1}, origin asked {asked.Count} times:\n{response}\n");
        Assert.True(Step.OriginAsked == asked.Count, $"{where}: the origin was asked {asked.Count} times instead of {Step.OriginAsked}\n{response}");
        CheckClient(where, response);
        CheckOrigin(where, asked);
    }

    private void CheckClient(string where, RawResponse response)
    {
        var source = _row.Steps[(Step.BodyOf ?? (_at + 1)) - 1];
        var status = Step.ClientStatus ?? source.OriginStatus;
        Assert.True(status == response.Status, $"{where}: the client got {response.Status} instead of {status}\n{response}");
        var body = Step.ClientBody ?? (Step.ClientStatus is null ? BodyOf(source, (Step.BodyOf ?? (_at + 1))) : null);
        if (body is not null && Step.Method != "HEAD" && status is not (204 or 304))
        {
            Assert.True(body == response.Text, $"{where}: the client got the body \"{response.Text}\" instead of \"{body}\"\n{response}");
        }

        foreach (var line in Step.ClientLines.Select(Dated))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var expected = line[(colon + 1)..].Trim();
            Assert.True(response.Header(line[..colon]) == expected, $"{where}: the client got no \"{line}\"\n{response}");
        }

        foreach (var name in Step.ClientWithout)
        {
            Assert.False(response.Has(name), $"{where}: the client got {name}\n{response}");
        }
    }

    private void CheckOrigin(string where, List<OriginRequest> asked)
    {
        if (Step.OriginValidates)
        {
            Assert.True(
                asked[^1].Has("If-None-Match") || asked[^1].Has("If-Modified-Since"),
                $"{where}: the origin was asked without a validator");
        }

        foreach (var line in Step.OriginSaw.Select(Dated))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var seen = asked[^1].Header(line[..colon]);
            Assert.True(seen == line[(colon + 1)..].Trim(), $"{where}: the origin saw \"{seen}\" instead of \"{line}\"");
        }

        foreach (var name in Step.OriginSawNot)
        {
            Assert.False(asked[^1].Has(name), $"{where}: the origin saw {name}");
        }
    }
}
