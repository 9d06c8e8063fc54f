namespace BackendApi.Hosting;

/// <param name="Urls">Where to listen, separated by semicolons.</param>
/// <param name="Database">Npgsql's connection string; none for the built-in data.</param>
/// <param name="CostScale">What the endpoints' costs are multiplied with; 0 adds no delay.</param>
/// <param name="Events">Who is told of changes: redis:// or http(s)://; none for nobody.</param>
/// <param name="EventsSecret">Signs webhooks.</param>
internal sealed record BackendOptions(string Urls, string? Database = null, double CostScale = 1, Uri? Events = null, string? EventsSecret = null);
