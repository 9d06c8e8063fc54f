using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace CacheGateway.Dashboard;

/// <summary>What a page is asked for: one for each request, filled before the page is drawn.</summary>
internal sealed class PageRequest
{
    private HttpContext? _context;

    public PageRoute Route { get; private set; } = PageTable.Routes[0];

    /// <summary>The form that was posted and is answered by the page itself, or null.</summary>
    public IFormCollection? Form { get; private set; }

    /// <summary>What is wrong with the form, in words for the person who filled it.</summary>
    public string? Error { get; private set; }

    public string Path => _context?.Request.Path.Value?[(IsStream ? "/live".Length : 0)..] ?? "/";

    /// <summary>Path and query, to come back to.</summary>
    public string Address => new PathString(Path).ToUriComponent() + _context?.Request.QueryString;

    private bool IsStream => _context!.Request.Path.StartsWithSegments("/live", StringComparison.Ordinal);

    public void Set(HttpContext context, PageRoute route, IFormCollection? form = null, string? error = null)
    {
        _context = context;
        Route = route;
        Form = form;
        Error = error;
    }

    /// <summary>A value of the path, of the form that was posted, else of the query; null when none has it.</summary>
    public string? Value(string name)
    {
        var values = _context is null ? default
            : _context.Request.RouteValues[name] is string bound ? new StringValues(bound)
            : Form is null ? _context.Request.Query[name] : Form[name];
        return values is [{ Length: > 0 } text, ..] ? text : null;
    }

    /// <summary>A number of the query within bounds; the least of them where there is none.</summary>
    public int Number(string name, int least, int most) =>
        int.TryParse(Value(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Math.Clamp(number, least, most) : least;
}
