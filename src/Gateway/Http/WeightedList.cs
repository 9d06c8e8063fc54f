namespace CacheGateway.Http;

/// <summary>Reads the members of Accept-Encoding and Accept-Language: <c>name [ ";" "q=" qvalue ]</c> (RFC 9110 12.4.2), without allocating.</summary>
internal ref struct WeightedList(ReadOnlySpan<char> text)
{
    /// <summary>Weights are thousandths, so that comparing them is exact.</summary>
    public const int Full = 1000;

    private ReadOnlySpan<char> _rest = text;

    public ReadOnlySpan<char> Name { get; private set; }

    public int Weight { get; private set; }

    /// <summary>A member had something else than a name and a weight.</summary>
    public bool Failed { get; private set; }

    public bool Read()
    {
        _rest = _rest.TrimStart(" \t,");
        if (_rest.IsEmpty)
        {
            return false;
        }

        var comma = _rest.IndexOf(',');
        var member = comma < 0 ? _rest : _rest[..comma];
        _rest = comma < 0 ? default : _rest[comma..];
        var semicolon = member.IndexOf(';');
        Name = (semicolon < 0 ? member : member[..semicolon]).Trim(" \t");
        Weight = semicolon < 0 ? Full : ParseWeight(member[(semicolon + 1)..].Trim(" \t"));
        Failed |= Weight < 0 || !Tokens.IsToken(Name);
        return true;
    }

    /// <summary>qvalue = "0" or "1" with up to three decimals; -1 when it is none.</summary>
    private static int ParseWeight(ReadOnlySpan<char> parameter)
    {
        if (parameter.Length is < 3 or > 7 || parameter[0] is not ('q' or 'Q') || parameter[1] != '=' || parameter[2] is not ('0' or '1'))
        {
            return -1;
        }

        var weight = (parameter[2] - '0') * Full;
        if (parameter.Length > 3 && parameter[3] != '.')
        {
            return -1;
        }

        var unit = 100;
        for (var i = 4; i < parameter.Length; i++, unit /= 10)
        {
            if (!char.IsAsciiDigit(parameter[i]))
            {
                return -1;
            }

            weight += (parameter[i] - '0') * unit;
        }

        return weight <= Full ? weight : -1;
    }
}
