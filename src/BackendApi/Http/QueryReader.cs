using System.Globalization;
using BackendApi.Data;

namespace BackendApi.Http;

/// <summary>
/// Reads query parameters and collects everything that is wrong with them. An empty value counts as none; of a repeated parameter the last counts.
/// </summary>
internal sealed class QueryReader(HttpRequest request)
{
    public const int DefaultPerPage = 20;
    private readonly Dictionary<string, string[]> _errors = [];

    /// <summary>The answer to give instead, if anything was wrong.</summary>
    public IResult? Problem => _errors.Count > 0 ? Results.ValidationProblem(_errors) : null;

    public RowQuery Page() => new(Integer("page", 1, 1_000_000) ?? 1, Integer("per_page", 1, 100) ?? DefaultPerPage);

    public int? Integer(string name, int min = 1, int max = int.MaxValue)
    {
        var text = Value(name);
        if (text is null)
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
        {
            return value;
        }

        return Wrong<int?>(name, max == int.MaxValue ? $"must be a whole number from {min}" : $"must be a whole number from {min} to {max}");
    }

    public string? Text(string name, int maxLength = 100)
    {
        var text = Value(name);
        return text is null ? null
            : text.Length > maxLength ? Wrong<string?>(name, $"must not be longer than {maxLength} characters")
            : text.Contains('\0') ? Wrong<string?>(name, "must not contain the character U+0000")
            : text;
    }

    public DateOnly? Date(string name) => Value(name) switch
    {
        null => null,
        var text when DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            && date.Year is >= 2000 and < 2100 => date,
        _ => Wrong<DateOnly?>(name, "must be a date such as 2026-03-31"),
    };

    /// <summary>Django's way: names separated by commas, a minus for the reverse.</summary>
    public Order[] Ordering(params string[] allowed)
    {
        var names = (Value("ordering") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var orders = names.Select(name => new Order(name.TrimStart('-'), name.StartsWith('-'))).ToArray();
        return orders.All(order => allowed.Contains(order.Column))
            ? orders
            : Wrong<Order[]>("ordering", $"must be of {string.Join(", ", allowed)}, each with or without a leading minus") ?? [];
    }

    private string? Value(string name) => request.Query[name] is [.., var last] && !string.IsNullOrEmpty(last) ? last : null;

    private T? Wrong<T>(string name, string what)
    {
        _errors[name] = [$"{name} {what}."];
        return default;
    }
}
