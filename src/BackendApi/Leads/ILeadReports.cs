using BackendApi.Data;
using BackendApi.Data.Memory;
using BackendApi.Data.Postgres;

namespace BackendApi.Leads;

/// <summary>How many leads are in a status, and what they are worth together.</summary>
internal sealed record StatusSummary
{
    public string Status { get; init; } = "";

    public int Leads { get; init; }

    public decimal Value { get; init; }
}

internal interface ILeadReports
{
    Task<Report<StatusSummary>> SummaryAsync(CancellationToken cancellation);
}

internal sealed class MemoryLeadReports(MemorySession session) : ILeadReports
{
    public Task<Report<StatusSummary>> SummaryAsync(CancellationToken cancellation) => session.ReadAsync(snapshot =>
    {
        var byStatus = snapshot.Rows<Lead>(Lead.Table.Name).Values.GroupBy(lead => lead.Status).OrderBy(group => group.Key, StringComparer.Ordinal);
        return new Report<StatusSummary>(
            snapshot.VersionOf(Lead.Table.Name),
            [.. byStatus.Select(group => new StatusSummary { Status = group.Key, Leads = group.Count(), Value = group.Sum(lead => lead.Value) })]);
    });
}

internal sealed class PostgresLeadReports(PostgresSession session) : ILeadReports
{
    public Task<Report<StatusSummary>> SummaryAsync(CancellationToken cancellation) => session.SnapshotAsync(
        static async queries => new Report<StatusSummary>(
            await queries.VersionOfAsync(Lead.Table.Name),
            await queries.ListAsync<StatusSummary>("""
                SELECT status, count(*)::int AS leads, sum(value) AS value FROM leads_leads GROUP BY status ORDER BY status COLLATE "C"
                """)),
        cancellation);
}
