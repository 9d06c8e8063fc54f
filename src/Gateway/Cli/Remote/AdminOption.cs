using System.CommandLine;

namespace CacheGateway.Cli.Remote;

/// <summary>What every command that talks to a running gateway can be told.</summary>
internal sealed class AdminOption
{
    public const string DefaultUrl = "http://127.0.0.1:8081";

    /// <summary>The same variable that gives the gateway its token.</summary>
    private const string TokenVariable = "CACHEGATEWAY__ADMINTOKEN";
    private const string UrlVariable = "CACHEGATEWAY__ADMIN";

    private readonly Option<string?> _url = new("--admin") { Description = $"Admin address of the gateway (default: ${UrlVariable}, else {DefaultUrl}).", HelpName = "URL" };
    private readonly Option<string?> _token = new("--token") { Description = $"Admin token. Better as ${TokenVariable}: others can read command lines.", HelpName = "TOKEN" };
    private readonly Option<bool> _json = new("--json") { Description = "The gateway's answer as JSON." };

    /// <summary>The options on <paramref name="command"/>, and its action with what becomes of every failure: one line and an exit code.</summary>
    public Command On(Command command, Func<AdminApi, ParseResult, bool, CancellationToken, Task<int>> run)
    {
        command.Add(_url);
        command.Add(_token);
        command.Add(_json);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (name, url) = Given(parsed, _url, UrlVariable) ?? ("", DefaultUrl);
            if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.PathAndQuery != "/")
            {
                return await CliText.BadUsageAsync($"{name}: \"{url}\" is no address of a gateway; write it like {DefaultUrl}");
            }

            var (place, given) = Given(parsed, _token, TokenVariable) ?? ("", null);
            var token = given?.Trim();
            if (token?.AsSpan().IndexOfAnyExceptInRange('!', '~') >= 0)
            {
                return await CliText.BadUsageAsync($"{place}: a token is printable characters without spaces");
            }

            try
            {
                using var api = new AdminApi(address, token);
                return await run(api, parsed, parsed.GetValue(_json), cancellation);
            }
            catch (AdminException exception)
            {
                return exception.IsBadUsage ? await CliText.BadUsageAsync(exception.Message) : await CliText.FailedAsync(exception.Message);
            }
            catch (IOException exception)
            {
                return await CliText.FailedAsync($"cannot write: {exception.Message}");
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return await CliText.FailedAsync("stopped");
            }
        });
        return command;
    }

    /// <summary>The option, else the variable, with what it is called; null where neither is given. An empty variable is none.</summary>
    private static (string Name, string? Value)? Given(ParseResult parsed, Option<string?> option, string variable) =>
        parsed.GetValue(option) is { } value ? (option.Name, value)
        : Environment.GetEnvironmentVariable(variable) is { Length: > 0 } set ? (variable, set)
        : null;
}
