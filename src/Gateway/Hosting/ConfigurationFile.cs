using System.Text.Json;
using CacheGateway.Diagnostics;
using CacheGateway.Policies;
using CacheGateway.Policies.Reading;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.FileProviders.Physical;
using Microsoft.Extensions.Primitives;

namespace CacheGateway.Hosting;

/// <summary>The file of <c>--config</c>, wherever it lies and whatever it is called: one whose name begins with a dot too, which file providers hide by themselves.</summary>
internal static class ConfigurationFile
{
    /// <summary>As it is now.</summary>
    public static void Add(IConfigurationBuilder builder, string file)
    {
        var (folder, name) = Locate(file);
        builder.AddJsonFile(folder, name, optional: false, reloadOnChange: false);
    }

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

    private static (PhysicalFileProvider Folder, string Name) Locate(string file)
    {
        var path = Path.GetFullPath(file);
        return (new PhysicalFileProvider(Path.GetDirectoryName(path)!, ExclusionFilters.None), Path.GetFileName(path));
    }

    private sealed class Source(string file, ConfigurationState state) : IConfigurationSource
    {
        public IConfigurationProvider Build(IConfigurationBuilder builder) => new Provider(file, state);
    }

    /// <summary>Made once for each builder, which loads it once and disposes of it; changes come from the watcher's threads.</summary>
    private sealed class Provider : ConfigurationProvider, IDisposable
    {
        private const string Routes = ProxySection.Name + ":Routes:";

        /// <summary>A file that is being written changes several times.</summary>
        private static readonly TimeSpan SettleFor = TimeSpan.FromMilliseconds(250);

        /// <summary>A watcher sees no symlink that is swapped further up, which is how Kubernetes changes what it mounts.</summary>
        private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

        private readonly Lock _lock = new();
        private readonly string _file;
        private readonly ConfigurationState _state;
        private readonly PhysicalFileProvider _folder;
        private readonly Timer _settle;
        private readonly Timer _look;
        private readonly IDisposable _watch;
        private byte[] _seen = [];
        private bool _isDisposed;

        public Provider(string file, ConfigurationState state)
        {
            (_file, _state) = (file, state);
            (_folder, var name) = Locate(file);
            _settle = new Timer(_ => TryReload());
            _look = new Timer(_ => Look(), null, LookEvery, LookEvery);
            _watch = ChangeToken.OnChange(() => _folder.Watch(name), () => _settle.Change(SettleFor, Timeout.InfiniteTimeSpan));
        }

        public override void Load()
        {
            _seen = Bytes();
            Data = Read(_seen);
        }

        public void Dispose()
        {
            lock (_lock)
            {
                _isDisposed = true;
            }

            _watch.Dispose();
            _look.Dispose();
            _settle.Dispose();
            _folder.Dispose();
        }

        private void Look()
        {
            byte[] now = [];
            try
            {
                now = Bytes();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Gone: that is a change too, and the reload says so.
            }

            if (!now.AsSpan().SequenceEqual(Volatile.Read(ref _seen)))
            {
                _settle.Change(SettleFor, Timeout.InfiniteTimeSpan);
            }
        }

        private void TryReload()
        {
            try
            {
                Reload();
            }
            catch (Exception exception)
            {
                // On a timer's thread an exception would end the process. The file was read: this is what those say who use it.
                _state.Refuse(exception.GetBaseException().Message);
            }
        }

        private void Reload()
        {
            lock (_lock)
            {
                if (_isDisposed)
                {
                    return;
                }

                if (TryRead(out var problem) is not { } read)
                {
                    _state.Refuse(problem);
                    return;
                }

                Data = read;
                _state.Take();
            }

            OnReload();
        }

        private IDictionary<string, string?>? TryRead(out string problem)
        {
            problem = "";
            try
            {
                _seen = Bytes();
                var read = Read(_seen);
                // Nobody means to serve nothing; a file that was emptied, or one for something else, does.
                problem = !HasRoutes(Data) ? ""
                    : !HasRoutes(read) ? "it has no routes any more"
                    : Mistake(read);
                if (problem.Length == 0)
                {
                    return read;
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException or JsonException)
            {
                problem = Problem(exception, _file);
                // A file that is gone is one without content; one with a mistake was read.
                _seen = exception is IOException or UnauthorizedAccessException ? [] : _seen;
            }

            return null;
        }

        /// <summary>The first of what would end a start; "" where there is nothing.</summary>
        private string Mistake(IDictionary<string, string?> read)
        {
            var works = new ConfigurationBuilder().AddInMemoryCollection(read).AddEnvironmentVariables().Build().GetSection(ProxySection.Name);
            return ProxySection.Errors(works) is [var first, ..] ? first : _state.Trial?.Invoke(works) ?? "";
        }

        private static bool HasRoutes(IDictionary<string, string?> data) => data.Keys.Any(key => key.StartsWith(Routes, StringComparison.OrdinalIgnoreCase));

        private byte[] Bytes()
        {
            // A writer, a rename or a removal must not fail because it is being read.
            using var stream = new FileStream(_file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return bytes.ToArray();
        }

        private static IDictionary<string, string?> Read(byte[] bytes)
        {
            using var stream = new MemoryStream(bytes);
            var json = new Json(stream);
            json.Load();
            return json.Values;
        }
    }

    private sealed class Json(Stream stream) : JsonStreamConfigurationProvider(new JsonStreamConfigurationSource { Stream = stream })
    {
        public IDictionary<string, string?> Values => Data;
    }
}
