using System.Collections.Concurrent;
using System.Globalization;

namespace Yardsticks;

/// <summary>What a path of the benchmark names; every server that makes answers itself makes these.</summary>
/// <remarks>
/// <c>/b/SIZE</c> may be stored for an hour; <c>/h/SIZE</c> has 20 fields more; <c>/u/SIZE</c> says no-store; <c>/z/SIZE</c> is text that
/// compresses; <c>/SIZE/ANYTHING</c> behind one of those letters is as many resources as one likes, such as <c>/b/200/4711</c>.
/// </remarks>
internal sealed class Resource
{
    /// <summary>Paths that are remembered; those of an endless series are read anew each time.</summary>
    private const int Remembered = 1000;

    private static readonly ConcurrentDictionary<string, Resource?> Paths = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<(char, int), byte[]> Bodies = new();

    private Resource(char kind, int size)
    {
        Kind = kind;
        Size = size;
        Body = Bodies.GetOrAdd((kind, size), Make);
    }

    public char Kind { get; }

    public int Size { get; }

    public byte[] Body { get; }

    public bool IsStorable => Kind != 'u';

    public string ContentType => Kind == 'z' ? "text/plain" : "application/json";

    public static Resource? Of(string path)
    {
        if (!Paths.TryGetValue(path, out var resource))
        {
            resource = Parse(path);
            if (Paths.Count < Remembered)
            {
                Paths.TryAdd(path, resource);
            }
        }

        return resource;
    }

    private static Resource? Parse(string path)
    {
        var end = path.Length > 3 ? path.IndexOf('/', 3) : -1;
        var size = path.Length > 3 && path[2] == '/' ? end < 0 ? path.AsSpan(3) : path.AsSpan(3, end - 3) : [];
        return int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) && bytes <= 1 << 24 ? new Resource(path[1], bytes) : null;
    }

    private static byte[] Make((char Kind, int Size) of)
    {
        var body = new byte[of.Size];
        for (var i = 0; i < body.Length; i++)
        {
            body[i] = of.Kind == 'z' ? (byte)"the quick brown fox "[i % 20] : (byte)('a' + (i * 31 % 26));
        }

        return body;
    }
}
