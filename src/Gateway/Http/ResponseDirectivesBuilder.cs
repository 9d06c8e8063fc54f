namespace CacheGateway.Http;

/// <summary>Collects the directives of one response; Cache-Control and the targeted fields (RFC 9213) fill it alike.</summary>
internal sealed class ResponseDirectivesBuilder
{
    private const string Separators = "; \t";

    private List<string>? _noCacheFields;
    private List<string>? _privateFields;
    private bool _noStore;
    private bool _noCache;
    private bool _private;
    private bool _public;
    private bool _mustRevalidate;
    private bool _proxyRevalidate;
    private bool _mustUnderstand;
    private bool _immutable;
    private long? _maxAge;
    private long? _sMaxAge;
    private long? _staleWhileRevalidate;
    private long? _staleIfError;

    public void AddLine(string line)
    {
        var reader = new DirectiveReader(line);
        while (reader.Read())
        {
            Add(reader);
        }
    }

    public void Add(in DirectiveReader directive)
    {
        var name = directive.Name;
        if (!Tokens.IsToken(name))
        {
            AddRestricting(name);
            return;
        }

        // What stands behind a value without a comma: "max-age=60; private".
        AddRestricting(directive.Unquoted);
        if (name.Length > 22)
        {
            return;
        }

        Span<char> lower = stackalloc char[22];
        lower = lower[..name.ToLowerInvariant(lower)];
        if (DirectiveNames.TakesSeconds(lower))
        {
            AddSeconds(lower, Math.Max(0, directive.Seconds()));
        }
        else if (directive.HasValue && !directive.Malformed && DirectiveNames.TakesFields(lower))
        {
            AddFields(lower, directive.Value);
        }
        else
        {
            AddFlag(lower);
        }
    }

    /// <summary>
    /// Other separators than the comma are an origin's mistake, and what it wrote between them is none: a word that restricts is obeyed, and a lifetime is one that cannot be read. Nothing else
    /// is, nor the leave to share that lies in s-maxage.
    /// </summary>
    private void AddRestricting(ReadOnlySpan<char> text)
    {
        if (!text.ContainsAny(Separators))
        {
            return;
        }

        Span<char> lower = stackalloc char[22];
        foreach (var range in text.SplitAny(Separators))
        {
            var word = text[range];
            var equals = word.IndexOf('=');
            word = equals < 0 ? word : word[..equals];
            if (word.Length > lower.Length)
            {
                continue;
            }

            var name = lower[..word.ToLowerInvariant(lower)];
            if (DirectiveNames.Restricts(name))
            {
                AddFlag(name);
            }
            else if (name is "max-age" or "s-maxage")
            {
                AddSeconds("max-age", 0);
            }
        }
    }

    public void AddFlag(ReadOnlySpan<char> name)
    {
        switch (name)
        {
            case "no-store": _noStore = true; break;
            case "no-cache": _noCache = true; break;
            case "private": _private = true; break;
            case "public": _public = true; break;
            case "must-revalidate": _mustRevalidate = true; break;
            case "proxy-revalidate": _proxyRevalidate = true; break;
            case "must-understand": _mustUnderstand = true; break;
            case "immutable": _immutable = true; break;
        }
    }

    public void AddSeconds(ReadOnlySpan<char> name, long seconds)
    {
        switch (name)
        {
            case "max-age": _maxAge = Smaller(_maxAge, seconds); break;
            case "s-maxage": _sMaxAge = Smaller(_sMaxAge, seconds); break;
            case "stale-while-revalidate": _staleWhileRevalidate = Smaller(_staleWhileRevalidate, seconds); break;
            case "stale-if-error": _staleIfError = Smaller(_staleIfError, seconds); break;
        }
    }

    /// <summary>
    /// private="a, b" and no-cache="a, b", with quoted pairs as written (RFC 9110 5.6.4). A list that names no field, or something that is no name of one, is the
    /// unqualified, stricter form.
    /// </summary>
    public void AddFields(ReadOnlySpan<char> name, ReadOnlySpan<char> list)
    {
        if (list.Contains('\\'))
        {
            list = Unescaped(list);
        }

        List<string> named = [];
        foreach (var range in list.Split(','))
        {
            var field = list[range].Trim(" \t");
            if (Tokens.IsToken(field))
            {
                named.Add(field.ToString());
            }
            else if (!field.IsEmpty)
            {
                AddFlag(name);
                return;
            }
        }

        if (named.Count == 0)
        {
            AddFlag(name);
            return;
        }

        (name.SequenceEqual("private") ? _privateFields ??= [] : _noCacheFields ??= []).AddRange(named);
    }

    public ResponseDirectives Build() => new()
    {
        NoStore = _noStore,
        NoCache = _noCache,
        Private = _private,
        Public = _public,
        MustRevalidate = _mustRevalidate,
        ProxyRevalidate = _proxyRevalidate,
        MustUnderstand = _mustUnderstand,
        Immutable = _immutable,
        NoCacheFields = _noCacheFields?.ToArray() ?? [],
        PrivateFields = _privateFields?.ToArray() ?? [],
        MaxAge = _maxAge,
        SMaxAge = _sMaxAge,
        StaleWhileRevalidate = _staleWhileRevalidate,
        StaleIfError = _staleIfError,
    };

    private static string Unescaped(ReadOnlySpan<char> quoted)
    {
        var plain = new System.Text.StringBuilder(quoted.Length);
        for (var i = 0; i < quoted.Length; i++)
        {
            if (quoted[i] == '\\' && i + 1 < quoted.Length)
            {
                i++;
            }

            plain.Append(quoted[i]);
        }

        return plain.ToString();
    }

    private static long Smaller(long? known, long seconds) => Math.Min(known ?? long.MaxValue, seconds);
}
