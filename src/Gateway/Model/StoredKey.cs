namespace CacheGateway.Model;

/// <summary>
/// The key of a stored response (<see cref="CacheKey"/>) in three texts, of which only the target is its own: those before and behind it are shared
/// with other entries. Comparing all three compares the whole key.
/// </summary>
internal readonly struct StoredKey
{
    private readonly KeySpace _space;

    public StoredKey(CacheKey key)
    {
        _space = KeySpace.Of(key);
        Target = key.Resource.Target;
        End = SharedText.Of(key.Text.AsSpan(key.TargetAt + Target.Length));
    }

    public ResourceId Resource => _space.Resource(Target);

    public string Target { get; }

    /// <summary>What stands before the target.</summary>
    public string Prefix => _space.Prefix;

    /// <summary>What stands behind the target: keyed headers and identity.</summary>
    public string End { get; }

    public string Policy => _space.Policy;

    /// <summary>What stands before the target, and the authority, where no other entry holds the same; else null.</summary>
    public (string Prefix, string Authority)? Own => _space.IsShared ? null : (_space.Prefix, _space.Authority);

    /// <summary>Characters of the text.</summary>
    public int Length => Prefix.Length + Target.Length + End.Length;

    /// <summary>Whether <paramref name="text"/> is this key, to the last character.</summary>
    public bool Is(ReadOnlySpan<char> text) =>
        text.Length == Length && text.StartsWith(Prefix) && text[Prefix.Length..].StartsWith(Target) && text.EndsWith(End);

    /// <summary>Whether it is a key of this URL.</summary>
    public bool IsOf(string scheme, string authority, string target) => Target == target && _space.IsOf(scheme, authority);

    /// <summary>Writes the text to the front of <paramref name="buffer"/>.</summary>
    public ReadOnlySpan<char> Write(Span<char> buffer)
    {
        Prefix.CopyTo(buffer);
        Target.CopyTo(buffer[Prefix.Length..]);
        End.CopyTo(buffer[(Prefix.Length + Target.Length)..]);
        return buffer[..Length];
    }

    /// <summary>The text anew.</summary>
    public override string ToString() => string.Concat(Prefix, Target, End);

    /// <summary>The key anew.</summary>
    public CacheKey ToKey() => new(ToString(), Resource, Prefix.Length);
}
