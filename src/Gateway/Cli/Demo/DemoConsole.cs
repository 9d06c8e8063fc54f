using Spectre.Console;

namespace CacheGateway.Cli.Demo;

/// <summary>Where the demo shows itself: a moving bar on a terminal, plain lines anywhere else.</summary>
internal sealed class DemoConsole
{
    /// <summary>A file or a pipe has no width of its own; the table must not be folded for it.</summary>
    private const int WidthOfPlain = 140;

    /// <summary>Between two paintings: progress is looked at by people, by the machine's clock.</summary>
    private static readonly TimeSpan BarPace = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LinePace = TimeSpan.FromSeconds(10);

    private readonly IAnsiConsole _console;
    private readonly bool _isTerminal;

    public DemoConsole()
        : this(AnsiConsole.Console, CliScreen.IsTerminal)
    {
    }

    /// <param name="console">Where everything is shown.</param>
    /// <param name="isTerminal">Whether somebody watches, in a window that has a width.</param>
    public DemoConsole(IAnsiConsole console, bool isTerminal)
    {
        (_console, _isTerminal) = (console, isTerminal);
        if (!_isTerminal)
        {
            _console.Profile.Width = WidthOfPlain;
            _console.Profile.Capabilities.Ansi = false;
        }
    }

    /// <summary>In characters.</summary>
    public int Width => _console.Profile.Width;

    /// <summary>As it is, however long: a terminal folds a line by itself, and what is copied from there is one line still.</summary>
    public void Line(string text) => _console.Profile.Out.Writer.WriteLine(text);

    public void Show(Spectre.Console.Rendering.IRenderable content) => _console.Write(content);

    /// <summary>Shows how far a piece of work of known length is, until it ends.</summary>
    public Task TrackAsync(TimeSpan duration, Func<string> status, Task work) =>
        _isTerminal ? BarAsync(duration, status, work) : LinesAsync(duration, status, work);

    private Task BarAsync(TimeSpan duration, Func<string> status, Task work) => _console.Progress()
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn())
        .StartAsync(async context =>
        {
            var start = TimeProvider.System.GetTimestamp();
            var task = context.AddTask(status(), maxValue: duration.TotalSeconds);
            while (!work.IsCompleted)
            {
                await Task.WhenAny(work, Task.Delay(BarPace));
                task.Value = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
                task.Description = status();
            }

            task.Value = duration.TotalSeconds;
            await work;
        });

    private async Task LinesAsync(TimeSpan duration, Func<string> status, Task work)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (await Task.WhenAny(work, Task.Delay(LinePace)) != work)
        {
            Line($"  {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0} of {duration.TotalSeconds:0} s: {status()}");
        }

        await work;
    }
}
