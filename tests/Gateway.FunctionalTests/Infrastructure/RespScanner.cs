using System.Globalization;
using System.Text;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>Finds where replies of the Redis protocol (RESP2) begin and end; byte by byte, without keeping them.</summary>
internal sealed class RespScanner
{
    private readonly StringBuilder _line = new();
    private long _expected = 1;
    private long _bulk;

    /// <summary>The next byte begins a reply.</summary>
    public bool IsAtStart { get; private set; } = true;

    public void Take(byte value)
    {
        IsAtStart = false;
        if (_bulk > 0)
        {
            _bulk--;
            EndIfDone();
            return;
        }

        if (value != '\n')
        {
            _line.Append((char)value);
            return;
        }

        var line = _line.ToString().TrimEnd('\r');
        _line.Clear();
        _expected--;
        if (line.StartsWith('*'))
        {
            _expected += Math.Max(0, Number(line));
        }
        else if (line.StartsWith('$') && Number(line) >= 0)
        {
            // Its own line end belongs to a bulk.
            _bulk = Number(line) + 2;
        }

        EndIfDone();
    }

    private static long Number(string line) => long.Parse(line.AsSpan(1), CultureInfo.InvariantCulture);

    private void EndIfDone()
    {
        if (_bulk == 0 && _expected == 0)
        {
            _expected = 1;
            IsAtStart = true;
        }
    }
}
