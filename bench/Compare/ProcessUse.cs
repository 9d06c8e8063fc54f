using System.Globalization;

namespace Compare;

/// <summary>What a process and its children used, from /proc: processor time in seconds (user and system), resident memory in bytes.</summary>
internal readonly record struct ProcessUse(double CpuSeconds, long ResidentBytes)
{
    /// <summary>sysconf(_SC_CLK_TCK); 100 on every Linux that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    public static ProcessUse Of(int pid)
    {
        var children = Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0)
            .Select(id => (Id: id, Fields: Fields(id)))
            .Where(one => one.Fields.Length > 0)
            .ToDictionary(one => one.Id, one => one.Fields);
        double ticks = 0;
        long resident = 0;
        foreach (var (id, fields) in children)
        {
            if (IsIn(id, pid, children))
            {
                // proc(5): after the name come state, ppid, ...; utime is the 14th field of all, stime the 15th, rss (pages) the 24th.
                ticks += double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture);
                resident += long.Parse(fields[21], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
            }
        }

        return new ProcessUse(ticks / TicksPerSecond, resident);
    }

    private static bool IsIn(int id, int root, Dictionary<int, string[]> all)
    {
        while (id != root)
        {
            if (!all.TryGetValue(id, out var fields) || !int.TryParse(fields[1], CultureInfo.InvariantCulture, out id) || id <= 1)
            {
                return false;
            }
        }

        return true;
    }

    private static string[] Fields(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/stat");
            // A shell is no server: it is the watcher that a leash has beside one.
            return text.Contains("(sh)", StringComparison.Ordinal) ? [] : text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            // It ended meanwhile.
            return [];
        }
    }
}
