using System.Text.Json;
using CacheGateway.Diagnostics;
using CacheGateway.Files;
using CacheGateway.Policies;
using CacheGateway.Policies.Reading;
using Microsoft.Extensions.Configuration.Json;

namespace CacheGateway.Hosting;

/// <summary>The file of <c>--config</c>, wherever it lies and whatever it is called: one whose name begins with a dot too, which file providers hide by themselves.</summary>
internal static class ConfigurationFile
{
    private const int MaxBytes = 8 * 1024 * 1024;

    /// <summary>Sections whose members stay as they were at the start.</summary>
    private static readonly string[] AtStart = [SettingKeys.Section, KestrelSection.Name];

    /// <summary>As it is now.</summary>
    /// <exception cref="IOException">It cannot be read, is no file, or is too large.</exception>
    /// <exception cref="FormatException">It is no JSON object, or names something twice.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static IDictionary<string, string?> Read(string file) => Read(file, FileContent.Read(file, MaxBytes));

    /// <summary>
    /// As it is, and as it is changed. Stock providers make a file that is gone or broken an empty one, and with it every route would be gone: here what is wrong leaves
    /// the last good one in force, and <paramref name="state"/> says so.
    /// </summary>
    public static void AddWatched(IConfigurationBuilder builder, string file, ConfigurationState state) => builder.Add(new Source(file, state));

    /// <summary>Why the file cannot be read, with its name and, where it is no JSON, the line.</summary>
    public static string Problem(Exception exception, string file)
    {
        ArgumentNullException.ThrowIfNull(exception);
        if (exception.GetBaseException() is not JsonException error)
        {
            return exception.GetBaseException().Message is var message && message.Contains(file, StringComparison.Ordinal) ? message : $"{file}: {message}";
        }

        // As the reader of configurations reads it.
        var options = new JsonReaderOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };
        var syntax = JsonSyntax.Of(error, TextOf(file), options);
        return $"{file}:{syntax.Line}: {syntax.Message}";
    }

    /// <summary>Keys that differ and are read at a start alone, in order: settings of the gateway and certificates. Pure.</summary>
    /// <param name="begun">The file as the gateway was started with it.</param>
    /// <param name="now">The file as it is.</param>
    public static IReadOnlyList<string> WaitForStart(IDictionary<string, string?> begun, IDictionary<string, string?> now) =>
    [
        .. begun.Keys.Union(now.Keys, StringComparer.OrdinalIgnoreCase)
            .Where(key => AtStart.Any(section => key.StartsWith(section + ":", StringComparison.OrdinalIgnoreCase)))
            .Where(key => begun.TryGetValue(key, out var before) != now.TryGetValue(key, out var after) || before != after)
            .Order(StringComparer.OrdinalIgnoreCase),
    ];

    private static ReadOnlySpan<byte> TextOf(string file)
    {
        try
        {
            var bytes = File.ReadAllBytes(file);
            return bytes.AsSpan(PolicyReader.TextStart(bytes));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Gone meanwhile: the reader's own words must do.
            return "{}"u8;
        }
    }

    private static IDictionary<string, string?> Read(string file, FileContent content)
    {
        if (content.Bytes is not { } bytes)
        {
            throw new IOException($"{file}: {content.Problem}");
        }

        if (bytes.Length > MaxBytes)
        {
            throw new IOException($"{file}: must not be larger than {MaxBytes / 1024 / 1024} MB");
        }

        using var stream = new MemoryStream(bytes);
        var json = new Json(stream);
        json.Load();
        return json.Values;
    }

    private sealed class Source(string file, ConfigurationState state) : IConfigurationSource
    {
        public IConfigurationProvider Build(IConfigurationBuilder builder) => new Provider(file, state);
    }

    /// <summary>Made once for each builder, which loads it once and disposes of it; changes come from other threads, one after the other.</summary>
    private sealed class Provider(string file, ConfigurationState state) : ConfigurationProvider, IDisposable
    {
        private const string Routes = ProxySection.Name + ":Routes";

        private ChangingFile? _watched;
        private IDictionary<string, string?> _begun = new Dictionary<string, string?>();

        public override void Load()
        {
            var content = FileContent.Read(file, MaxBytes);
            Data = _begun = ConfigurationFile.Read(file, content);
            _watched ??= new ChangingFile(file, () => FileContent.Read(file, MaxBytes), content, TimeProvider.System, TryTake, why => state.NotWatched(file, why));
        }

        public void Dispose() => _watched?.Dispose();

        private void TryTake(FileContent content)
        {
            try
            {
                Take(content);
            }
            catch (Exception exception)
            {
                // On a timer's thread an exception would end the process. The file was read: this is what those say who use it.
                state.Refuse(exception.GetBaseException().Message);
            }
        }

        private void Take(FileContent content)
        {
            if (TryRead(content, out var problem) is not { } read)
            {
                state.Refuse(problem);
                return;
            }

            Data = read;
            state.Take(WaitForStart(_begun, read));
            OnReload();
        }

        private IDictionary<string, string?>? TryRead(FileContent content, out string problem)
        {
            problem = "";
            try
            {
                var read = ConfigurationFile.Read(file, content);
                problem = Mistake(read);
                if (problem.Length == 0)
                {
                    return read;
                }
            }
            catch (Exception exception) when (exception is IOException or FormatException or JsonException)
            {
                problem = Problem(exception, file);
            }

            return null;
        }

        /// <summary>The first of what would end a start, or leave nothing to serve; "" where there is nothing.</summary>
        private string Mistake(IDictionary<string, string?> read)
        {
            var (before, all) = (WithEnvironment(Data), WithEnvironment(read));
            var works = all.GetSection(ProxySection.Name);
            return LoggingSection.Errors(all).FirstOrDefault() is { } level ? level
                : !HasRoutes(before) ? HasRoutes(all) ? "it has routes, and --origin names the backend: the next start would end; use one of them" : ""
                // Nobody means to serve nothing; a file that was emptied, or one for something else, does.
                : !HasRoutes(all) ? "it has no routes any more"
                : ProxySection.Errors(works) is [var first, ..] ? first
                : state.Trial?.Invoke(works) ?? "";
        }

        private static IConfigurationRoot WithEnvironment(IDictionary<string, string?> data) => new ConfigurationBuilder().AddInMemoryCollection(data).AddEnvironmentVariables().Build();

        private static bool HasRoutes(IConfiguration all) => all.GetSection(Routes).GetChildren().Any();
    }

    private sealed class Json(Stream stream) : JsonStreamConfigurationProvider(new JsonStreamConfigurationSource { Stream = stream })
    {
        public IDictionary<string, string?> Values => Data;
    }
}
