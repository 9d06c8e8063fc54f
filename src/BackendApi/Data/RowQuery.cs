namespace BackendApi.Data;

internal enum Match
{
    Equal,

    /// <summary>Part of the text, in any case.</summary>
    Contains,
}

internal sealed record Condition(string Column, Match Match, object Value);

internal sealed record Order(string Column, bool Descending = false);

/// <summary>Which rows a reader wants: all conditions hold, in this order (then by id), this page.</summary>
internal sealed record RowQuery(int Page, int PerPage)
{
    /// <summary>For small tables that are read whole.</summary>
    public static RowQuery Everything { get; } = new(1, 1000);

    public IReadOnlyList<Condition> Conditions { get; init; } = [];

    public IReadOnlyList<Order> Orders { get; init; } = [];

    public int Offset => (Page - 1) * PerPage;

    public RowQuery Where(string column, object? value, Match match = Match.Equal) =>
        value is null ? this : this with { Conditions = [.. Conditions, new Condition(column, match, value)] };
}
