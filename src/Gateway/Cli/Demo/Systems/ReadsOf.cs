using System.Globalization;

namespace CacheGateway.Cli.Demo.Systems;

/// <summary>The shapes that the systems' reads have in common.</summary>
internal static class ReadsOf
{
    /// <summary>The first pages of a list, under each of some filters ("" = none).</summary>
    public static IEnumerable<DemoRead> Pages(string path, int pages, string[] filters, params string[] scopes) =>
        from page in Enumerable.Range(1, pages)
        from filter in filters
        select new DemoRead($"{path}?{(filter.Length > 0 ? filter + "&" : "")}page={page}")
        {
            Scopes = scopes,
            Echo = [("page", Text(page)), ("perPage", "20")],
        };

    /// <summary>Single rows by their ids, from 1; <paramref name="path"/> and <paramref name="scope"/> have {id} in the id's place.</summary>
    public static IEnumerable<DemoRead> Items(string path, int count, string scope) => Enumerable.Range(1, count).Select(id =>
        new DemoRead(path.Replace("{id}", Text(id), StringComparison.Ordinal))
        {
            Scopes = [scope.Replace("{id}", Text(id), StringComparison.Ordinal)],
            Echo = [("id", Text(id))],
        });

    public static DemoRead One(string path, params string[] scopes) => new(path) { Scopes = scopes };

    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
