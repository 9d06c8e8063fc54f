using System.CommandLine;
using System.Net.Sockets;
using System.Security.Cryptography;
using CacheGateway.Diagnostics;
using CacheGateway.Hosting;
using CacheGateway.Policies;

namespace CacheGateway.Cli;

/// <summary><c>run</c>: the gateway itself.</summary>
internal static class RunCommand
{
    public const string Name = "run";

    public static Command Create()
    {
        var options = new RunOptions();
        var command = new Command(Name, "Run the gateway in front of an origin.");
        options.AddTo(command);
        command.SetAction((parsed, _) => RunAsync(options, parsed));
        return command;
    }

    /// <summary>Starts the gateway and stays until it is told to stop, which may be while it starts. Everything that can be wrong with the settings is one line and exit code 2.</summary>
    private static async Task<int> RunAsync(RunOptions options, ParseResult parsed)
    {
        GatewaySettings? settings = null;
        // Never disposed of, which a source without a timer need not be: a signal may come at any time.
        var asked = new CancellationTokenSource();
        try
        {
            settings = SettingsReader.Read(options.Values(parsed));
            using var impatience = SecondSignal.EndsTheProcess(asked.Cancel);
            await using var app = GatewayApplication.Create(settings);
            using var hangUp = HangUp.Ignored(app.Services.GetRequiredService<ILogger<ConfigurationState>>());
            using var told = asked.Token.Register(app.Lifetime.StopApplication);
            await app.StartAsync(asked.Token);
            await AnnounceAsync(Console.Out, Banner(settings, app.Urls));
            foreach (var warning in settings.Warnings.Concat([app.Services.GetRequiredService<RuntimeFloor>().Warning]).OfType<string>())
            {
                await AnnounceAsync(Console.Error, $"cachegateway: warning: {warning}");
            }

            await app.WaitForShutdownAsync();
            return RootCommands.Ok;
        }
        catch (OperationCanceledException) when (asked.IsCancellationRequested)
        {
            // It was told to stop before it served anybody: there is nothing to drain.
            return RootCommands.Ok;
        }
        catch (SettingsException exception)
        {
            return await ComplainAsync([.. exception.Errors]);
        }
        catch (PolicyFileException exception)
        {
            return await ComplainAsync([.. exception.Errors.Select(error => error.ToString())]);
        }
        catch (IOException exception) when (exception.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            return await ComplainAsync($"{exception.Message.TrimEnd('.')}. Choose another with {Chooses(Refused(settings, SocketError.AddressAlreadyInUse))}.");
        }
        catch (InvalidOperationException exception) when (Objection(exception) is not null)
        {
            return await ComplainAsync(Objection(exception)!);
        }
        catch (SocketException exception)
        {
            var refused = Refused(settings, exception.SocketErrorCode);
            return await ComplainAsync($"cannot listen{(refused is null ? "" : $" on {refused.Url.ToString().TrimEnd('/')}")}: {exception.Message}. Choose another address with {Chooses(refused)}.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            // A file that the configuration names: a certificate, its key.
            var place = KestrelSection.Certificates(settings?.ConfigFile, new ConfigurationBuilder().AddEnvironmentVariables().Build());
            return await ComplainAsync($"{(place.Length == 0 ? "" : $"{place}: ")}{exception.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>Asked when nothing is listened on any more.</summary>
    private static Listener? Refused(GatewaySettings? settings, SocketError reason) => settings is null ? null : OwnAddress.Refused(Listeners.Parse(settings).All, reason);

    private static string Chooses(Listener? refused) => refused?.Option ?? "--urls, --h2c-urls or --admin-urls";

    /// <summary>What the framework has against the settings, in one line; null where it is something else.</summary>
    private static string? Objection(InvalidOperationException exception) =>
        exception.InnerException is AggregateException invalid
            ? $"--config: {string.Join(" ", invalid.Flatten().InnerExceptions.Select(inner => inner.Message.ReplaceLineEndings(" ")))}"
            : exception.InnerException is { } unread && exception.Message.Contains("proxy configuration", StringComparison.Ordinal)
            ? $"--config: ReverseProxy: {unread.Message.ReplaceLineEndings(" ")}"
            : exception.Message.Contains("HTTPS", StringComparison.Ordinal)
                ? $"https needs a certificate, named in --config under Kestrel:Certificates:Default. {exception.Message.Split('\n')[0].TrimEnd()}"
                : null;

    /// <summary>A log that cannot be written, such as on a full disk, is no reason not to serve.</summary>
    private static async Task AnnounceAsync(TextWriter writer, string line)
    {
        try
        {
            await writer.WriteLineAsync(line);
        }
        catch (IOException)
        {
            // There is nowhere to say it.
        }
    }

    private static async Task<int> ComplainAsync(params string[] messages)
    {
        foreach (var message in messages)
        {
            await Console.Error.WriteLineAsync($"cachegateway: {message}");
        }

        return RootCommands.BadUsage;
    }

    private static string Banner(GatewaySettings settings, ICollection<string> urls) =>
        $"CacheGateway {settings.Node} listens on {string.Join(" ", urls)}, origin {settings.Origin ?? settings.ConfigFile}, "
        + $"policies {settings.PoliciesFile ?? $"transparent ({settings.Profile.ToString().ToLowerInvariant()})"}, memory {settings.MemoryBytes / 1024 / 1024} MiB"
        + (settings.Redis is { } redis ? $", Redis {redis}" : "");
}
