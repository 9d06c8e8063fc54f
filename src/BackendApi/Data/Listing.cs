namespace BackendApi.Data;

/// <summary>One page. Its version is that of all the data it was chosen from, not of the rows on it.</summary>
internal sealed record Listing<T>(long Version, int Total, int Page, int PerPage, IReadOnlyList<T> Items);

/// <summary>Rows that were computed, with the version of the data they were computed from.</summary>
internal sealed record Report<T>(long Version, IReadOnlyList<T> Items);
