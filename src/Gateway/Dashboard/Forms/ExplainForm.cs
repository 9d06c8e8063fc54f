using CacheGateway.Http;
using CacheGateway.Operations.Explaining;

namespace CacheGateway.Dashboard.Forms;

/// <summary>The explain form as it was filled; pure.</summary>
/// <param name="Url">Absolute, or a path with query.</param>
/// <param name="Method">Of the request.</param>
/// <param name="Headers">One "Name: value" a line.</param>
/// <param name="Status">Of an origin's answer to judge; empty = 200.</param>
/// <param name="ResponseHeaders">Its fields; empty beside an empty status = what this node remembers.</param>
internal sealed record ExplainForm(string Url, string Method, string Headers, string Status, string ResponseHeaders)
{
    public static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    /// <param name="value">A value of the form or query by its name; null when it is not there.</param>
    public static ExplainForm Read(Func<string, string?> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new ExplainForm(
            (value("url") ?? "").Trim(), value("method") is { } method && Methods.Contains(method) ? method : "GET", value("headers") ?? "", (value("status") ?? "").Trim(),
            value("response") ?? "");
    }

    /// <summary>The question, or null and what is wrong with the form.</summary>
    public ExplainQuestion? Question(out string? error)
    {
        error = null;
        if (Fields(Headers, ref error) is not { } headers || Fields(ResponseHeaders, ref error) is not { } response)
        {
            return null;
        }

        if (Status.Length == 0)
        {
            return new ExplainQuestion(Url, Method, headers, response.Count == 0 ? null : new ExplainResponse(StatusCodes.Status200OK, response));
        }

        if (!int.TryParse(Status, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var status) || status is < ExplainResponse.LeastStatus or > ExplainResponse.MostStatus)
        {
            error = $"The status \"{Status}\" must be a number from {ExplainResponse.LeastStatus} to {ExplainResponse.MostStatus}.";
            return null;
        }

        return new ExplainQuestion(Url, Method, headers, new ExplainResponse(status, response));
    }

    private static Dictionary<string, string>? Fields(string lines, ref string? error)
    {
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
            {
                error = $"The header line \"{line}\" must read like Accept: application/json";
                return null;
            }

            CombinedFields.Add(fields, line[..colon].TrimEnd(), line[(colon + 1)..].Trim());
        }

        return fields;
    }
}
