using System.Text.RegularExpressions;

namespace CacheGateway.BrowserTests.Infrastructure;

/// <summary>A browser window and all that went wrong in it: what a script threw, what the console complained of, what was asked of other sites.</summary>
internal sealed class Window : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _complaints = [];

    public Window(IBrowserContext context, IPage page, Uri site)
    {
        _context = context;
        Page = page;
        page.Console += (_, message) => Complain(message.Type is "error" or "warning" ? $"console: {message.Text}" : null);
        page.PageError += (_, error) => Complain($"script: {error}");
        page.Dialog += async (_, dialog) =>
        {
            Complain($"dialog: {dialog.Message}");
            await dialog.DismissAsync();
        };
        page.Request += (_, request) => Complain(request.Url.StartsWith(site.ToString(), StringComparison.Ordinal) ? null : $"asked of another site: {request.Url}");
    }

    public IPage Page { get; }

    public IReadOnlyList<string> Complaints
    {
        get
        {
            lock (_complaints)
            {
                return [.. _complaints];
            }
        }
    }

    /// <summary>From now on only what is still to come counts.</summary>
    public void Forget()
    {
        lock (_complaints)
        {
            _complaints.Clear();
        }
    }

    /// <summary>Goes to a page and requires that it is one.</summary>
    public async Task<IResponse> GoAsync(string path, int status = 200)
    {
        var response = await Page.GotoAsync(path, new PageGotoOptions { WaitUntil = WaitUntilState.DOMContentLoaded });
        Assert.NotNull(response);
        Assert.Equal(status, response.Status);
        return response;
    }

    /// <summary>
    /// The page whose address has this in it is there. It looks at the address again and again: who waits for the event of going there misses it where
    /// the page is faster than the wait.
    /// </summary>
    public Task ReachesAsync(string part) =>
        Assertions.Expect(Page).ToHaveURLAsync(new Regex(Regex.Escape(part)), new PageAssertionsToHaveURLOptions { Timeout = 15_000 });

    /// <summary>The digits of an element's text as a number.</summary>
    public async Task<double> NumberAsync(string selector) =>
        double.Parse(string.Concat((await Page.InnerTextAsync(selector)).Where(c => char.IsAsciiDigit(c) || c == '.')), System.Globalization.CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    private void Complain(string? complaint)
    {
        if (complaint is not null)
        {
            lock (_complaints)
            {
                _complaints.Add(complaint);
            }
        }
    }
}
