using System.Collections.Frozen;
using System.Text;

namespace CacheGateway.Model;

/// <summary>The wire form of each <see cref="Reason"/>: its name in kebab case, made once.</summary>
public static class ReasonNames
{
    private static readonly FrozenDictionary<Reason, string> Names =
        Enum.GetValues<Reason>().ToFrozenDictionary(reason => reason, reason => Kebab(reason.ToString()));

    public static string Text(this Reason reason) => Names[reason];

    private static string Kebab(string name)
    {
        var text = new StringBuilder(name.Length + 4);
        foreach (var c in name)
        {
            if (char.IsAsciiLetterUpper(c) && text.Length > 0)
            {
                text.Append('-');
            }

            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }
}
