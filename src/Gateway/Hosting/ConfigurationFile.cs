using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.FileProviders.Physical;

namespace CacheGateway.Hosting;

/// <summary>The file of <c>--config</c>, wherever it lies and whatever it is called: one whose name begins with a dot too, which file providers hide by themselves.</summary>
internal static class ConfigurationFile
{
    public static void Add(IConfigurationBuilder builder, string file, bool isWatched)
    {
        var path = Path.GetFullPath(file);
        builder.AddJsonFile(new PhysicalFileProvider(Path.GetDirectoryName(path)!, ExclusionFilters.None), Path.GetFileName(path), optional: false, reloadOnChange: isWatched);
    }
}
