using System.Globalization;
using System.Runtime.InteropServices;

namespace Compare;

/// <summary>On what the figures were made.</summary>
internal static class Machine
{
    public static async Task<string> DescribeAsync()
    {
        var model = (await File.ReadAllLinesAsync("/proc/cpuinfo")).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim();
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024 * 1024 * 1024.0);
        var versions = new List<string>();
        foreach (var (name, arguments) in new (string, string[])[]
        {
            ("nginx", ["-v"]), ("varnishd", ["-V"]), ("haproxy", ["-v"]), ("redis-server", ["--version"]), ("h2load", ["--version"]),
        })
        {
            versions.Add((await Tool.RunAsync(name, arguments)).Split('\n')[0].Trim());
        }

        return string.Create(CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} processors ({model}), {memory:0} GiB, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}; {string.Join("; ", versions)}");
    }
}
