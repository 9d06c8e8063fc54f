using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using CacheGateway.Operations.Explaining;

namespace CacheGateway.Cli;

/// <summary>Options that take a number, and say what would be right where something else is given. Whether a number is in range is for the command to say.</summary>
internal static class NumberOption
{
    /// <param name="name">With its dashes.</param>
    /// <param name="description">For --help.</param>
    /// <param name="argument">What --help calls the number.</param>
    /// <param name="usual">Where the option is not given, and the example in errors.</param>
    public static Option<int> Whole(string name, string description, string argument, int usual) =>
        new(name) { Description = description, HelpName = argument, DefaultValueFactory = _ => usual, CustomParser = result => Whole(result, name, usual) ?? usual };

    /// <param name="name">With its dashes.</param>
    /// <param name="description">For --help.</param>
    /// <param name="argument">What --help calls the number.</param>
    /// <param name="example">For errors.</param>
    /// <returns>An option whose value is null where it is not given.</returns>
    public static Option<int?> WholeOrNone(string name, string description, string argument, int example) =>
        new(name) { Description = description, HelpName = argument, CustomParser = result => Whole(result, name, example) };

    /// <param name="name">With its dashes.</param>
    /// <param name="description">For --help.</param>
    /// <param name="argument">What --help calls the number.</param>
    /// <param name="usual">Where the option is not given.</param>
    /// <param name="example">For errors.</param>
    public static Option<double> Number(string name, string description, string argument, double usual, double example) => new(name)
    {
        Description = description,
        HelpName = argument,
        DefaultValueFactory = _ => usual,
        CustomParser = result =>
        {
            if (double.TryParse(Text(result), NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            {
                return number;
            }

            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name}: \"{Text(result)}\" is not a number; write it like {example}"));
            return usual;
        },
    };

    /// <summary>What is wrong with the status of an answer of the origin that <c>--status</c> says; null = nothing, or it is not given.</summary>
    public static string? StatusError(int? status) => status is < ExplainResponse.LeastStatus or > ExplainResponse.MostStatus
        ? $"--status: a status is a number from {ExplainResponse.LeastStatus} to {ExplainResponse.MostStatus}"
        : null;

    private static int? Whole(ArgumentResult result, string name, int example)
    {
        if (int.TryParse(Text(result), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name}: \"{Text(result)}\" is not a whole number; write it like {example}"));
        return null;
    }

    private static string Text(ArgumentResult result) => result.Tokens is [.., var last] ? last.Value : "";
}
