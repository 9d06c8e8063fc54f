using System.CommandLine;
using System.Runtime.InteropServices;
using CacheGateway.Hosting;

namespace CacheGateway.Cli.Demo;

/// <summary><c>demo</c>: the gateway before a real API, under traffic whose every answer is checked.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var options = DemoOptions.Options();
        var exit = new Option<bool>("--exit") { Description = "End after the table instead of staying up." };
        var command = new Command("demo", "Start the example API and the gateway, drive a minute of checked traffic, and compare.");
        foreach (var option in options)
        {
            command.Add(option);
        }

        command.Add(exit);
        command.SetAction((parsed, cancellation) => RunAsync(
            name => parsed.GetValue(options.Single(option => option.Name == name)), parsed.GetValue(exit), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(Func<string, string?> given, bool exit, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);

        // A closed terminal must not leave the children behind; Ctrl-C and SIGTERM come through the token.
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        try
        {
            return await new DemoSession(DemoOptions.Read(given, exit), new DemoConsole()).RunAsync(stop.Token);
        }
        catch (SettingsException exception)
        {
            await Console.Error.WriteLineAsync($"cachegateway: {exception.Message}");
            return RootCommands.BadUsage;
        }
        catch (DemoException exception)
        {
            await Console.Error.WriteLineAsync($"cachegateway: {exception.Message}");
            return exception.ExitCode;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("cachegateway: the demo was stopped before its end.");
            return RootCommands.Failed;
        }
    }
}
