using System.CommandLine;
using System.Globalization;
using BackendApi.Events;

namespace BackendApi.Hosting;

/// <summary>The options of the program, with what the environment says where an option is not given.</summary>
internal sealed class CommandLine
{
    private readonly Option<string?> _urls = new("--urls")
    {
        Description = "Where to listen, separated by semicolons (ASPNETCORE_URLS; http://127.0.0.1:8000)",
    };

    private readonly Option<string?> _database = new("--database")
    {
        Description = "PostgreSQL, as \"Host=...;Database=...\" or postgres://... (DATABASE_URL, ConnectionStrings__Database); "
            + "built-in data without",
    };

    private readonly Option<string?> _costScale = new("--cost-scale")
    {
        Description = "Multiplies the cost of every endpoint; 0 adds no delay (1)",
    };

    private readonly Option<string?> _events = new("--events")
    {
        Description = "Who is told of changes: redis://host:port, or the URL of a webhook (EVENTS_URL; nobody). EVENTS_SECRET signs webhooks",
    };

    private readonly RootCommand _root;

    public CommandLine()
    {
        _root = new("The existing API of the demo: clients, leads, shop, billing, booking.") { _urls, _database, _costScale, _events };
    }

    /// <summary>The options, or none if help was asked for and shown.</summary>
    public BackendOptions? Parse(string[] args, Func<string, string?> environment)
    {
        var parsed = _root.Parse(args);
        if (parsed.Errors is [var error, ..])
        {
            throw new BadUsageException($"{error.Message} (--help lists the options)");
        }

        // The program sets no action of its own: what is left is --help or --version.
        if (parsed.Action is not null)
        {
            parsed.Invoke();
            return null;
        }

        var database = parsed.GetValue(_database) ?? environment("DATABASE_URL") ?? environment("ConnectionStrings__Database");
        return new BackendOptions(
            Urls(parsed.GetValue(_urls) ?? environment("ASPNETCORE_URLS") ?? "http://127.0.0.1:8000"),
            string.IsNullOrWhiteSpace(database) ? null : DatabaseAddress.Parse(database),
            Scale(parsed.GetValue(_costScale)),
            Events(parsed.GetValue(_events) ?? environment("EVENTS_URL"), environment("EVENTS_SECRET")),
            environment("EVENTS_SECRET"));
    }

    private static string Urls(string text)
    {
        var urls = text.Split(';', StringSplitOptions.RemoveEmptyEntries);
        return urls.Length > 0 && urls.All(IsAddress)
            ? text
            : throw new BadUsageException($"--urls: \"{text}\" is no address such as http://127.0.0.1:8000 (plain http, no path).");
    }

    // The host may be * or +, which Uri does not take.
    private static bool IsAddress(string url)
    {
        try
        {
            return BindingAddress.Parse(url) is { Scheme: "http", PathBase: "" or "/", Port: >= 0 and <= ushort.MaxValue };
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static Uri? Events(string? text, string? secret)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("redis" or "http" or "https"))
        {
            throw new BadUsageException($"--events: \"{text}\" is neither redis://host:port nor the URL of a webhook.");
        }

        if (address.Scheme == "redis")
        {
            return RedisAddress.TryRead(address) is not null
                ? address
                : throw new BadUsageException("--events: that address of Redis cannot be used; write it like redis://[:password@]host[:port][/database].");
        }

        return string.IsNullOrEmpty(secret) ? throw new BadUsageException("--events: a webhook is signed; set EVENTS_SECRET.")
            : WebhookKey.TryParse(secret) is null ? throw new BadUsageException("EVENTS_SECRET: what stands after \"whsec_\" is no base64.")
            : address;
    }

    private static double Scale(string? text) => text is null ? 1
        : double.TryParse(text, CultureInfo.InvariantCulture, out var scale) && scale is >= 0 and <= 100 ? scale
        : throw new BadUsageException($"--cost-scale: \"{text}\" is no number from 0 to 100.");
}
