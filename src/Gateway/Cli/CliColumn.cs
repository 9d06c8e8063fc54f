namespace CacheGateway.Cli;

/// <summary>One column of a <see cref="CliTable"/>.</summary>
/// <param name="Title">One line or several; one that ends in "&gt;" is aligned to the right.</param>
internal sealed record CliColumn(string Title)
{
    /// <summary>Sentences and URLs, which may be folded; what is none is shown whole.</summary>
    public bool IsProse { get; init; }

    /// <summary>Where the terminal is too narrow, the column with the highest number is left out first; one of 0 never.</summary>
    public int Spare { get; init; }

    public bool IsRight => Title.EndsWith('>');

    /// <summary>The lines of the title as they are shown.</summary>
    public string[] Lines => Title.TrimEnd('>').Split('\n');

    /// <summary>The title on one line.</summary>
    public string Name => string.Join(' ', Lines);

    public static implicit operator CliColumn(string title) => new(title);
}
