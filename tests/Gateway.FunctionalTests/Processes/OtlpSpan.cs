using System.Text;

namespace CacheGateway.FunctionalTests.Processes;

/// <summary>A span as opentelemetry-proto's trace.proto writes it; ids in hexadecimal.</summary>
/// <param name="Trace">Of which it is a part.</param>
/// <param name="Id">Its own.</param>
/// <param name="Parent">"" where it has none.</param>
/// <param name="Name">What was done.</param>
/// <param name="Links">Spans of other traces: their trace and id.</param>
internal sealed record OtlpSpan(string Trace, string Id, string Parent, string Name, IReadOnlyList<(string Trace, string Id)> Links)
{
    /// <summary>Those of one export.</summary>
    /// <param name="export">The bytes as Latin-1.</param>
    public static IEnumerable<OtlpSpan> In(string export) =>
        from resource in Inside(Encoding.Latin1.GetBytes(export), 1)
        from scope in Inside(resource, 2)
        from span in Inside(scope, 2)
        select new OtlpSpan(
            Hex(span, 1), Hex(span, 2), Hex(span, 4), Encoding.UTF8.GetString(Inside(span, 5).Single()),
            [.. Inside(span, 13).Select(link => (Hex(link, 1), Hex(link, 2)))]);

    private static string Hex(byte[] message, int field) => Convert.ToHexStringLower(Inside(message, field).SingleOrDefault() ?? []);

    /// <summary>The texts and messages that a message has in a field.</summary>
    private static List<byte[]> Inside(byte[] message, int field)
    {
        var found = new List<byte[]>();
        for (var at = 0; at < message.Length;)
        {
            var tag = Number();
            switch (tag & 7)
            {
                case 0:
                    Number();
                    break;
                case 1:
                    at += 8;
                    break;
                case 5:
                    at += 4;
                    break;
                case 2:
                    var length = (int)Number();
                    if (tag >> 3 == field)
                    {
                        found.Add(message[at..(at + length)]);
                    }

                    at += length;
                    break;
                default:
                    throw new FormatException($"Wire type {tag & 7} at {at}");
            }

            long Number()
            {
                long number = 0;
                for (var shift = 0; ; shift += 7)
                {
                    var part = message[at++];
                    number |= (part & 0x7fL) << shift;
                    if (part < 0x80)
                    {
                        return number;
                    }
                }
            }
        }

        return found;
    }
}
