namespace CacheGateway.Model;

/// <summary>
/// A tag with holes: <c>product:{id}</c> is filled from the path's bound values, the query (<c>{query.page}</c>), a request header (<c>{header.X-Tenant}</c>)
/// or an event's data; with <see cref="BodyPath"/> once for each value the JSON path finds in the body (the hole is then <c>{}</c>).
/// </summary>
/// <param name="Text">The template as written, without the body path.</param>
/// <param name="BodyPath">A JSON path such as <c>$.items[*].id</c>, or null.</param>
public sealed record TagTemplate(string Text, string? BodyPath = null);
