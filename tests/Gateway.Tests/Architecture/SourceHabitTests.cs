using System.Text.RegularExpressions;

namespace CacheGateway.Tests.Architecture;

/// <summary>Habits that a reader of src/ may rely on.</summary>
public sealed partial class SourceHabitTests
{
    private static readonly SourceFile[] Files = [.. SourceFile.In("Gateway"), .. SourceFile.In("BackendApi")];

    [Fact]
    public void Types_AreNamedForWhatTheyDo() => Assert.Empty(Find(VagueName(), file => file.Code));

    [Fact]
    public void Sources_AreFinished() => Assert.Empty(Find(Unfinished(), file => file.Text));

    /// <summary>A comment in the block counts as a reason, so comments stay in.</summary>
    [Fact]
    public void Catches_DoOrSaySomething() => Assert.Empty(Find(EmptyCatch(), file => file.Text));

    [Theory]
    [InlineData("catch { }", true)]
    [InlineData("catch (IOException)\n{\n}", true)]
    [InlineData("catch (IOException gone) when (gone.HResult == 1)\n{\n    // The client left.\n}", false)]
    public void EmptyCatch_IsOneWithoutAReason(string code, bool empty) => Assert.Equal(empty, EmptyCatch().IsMatch(code));

    [GeneratedRegex(@"\b(?:class|record|struct|interface|enum)\s+\w*(?:Manager|Helper|Helpers|Util|Utils|Utilities)\b")]
    private static partial Regex VagueName();

    [GeneratedRegex(@"\b(?:TODO|FIXME|HACK|XXX)\b|NotImplementedException")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"\bcatch\b[^{]*\{\s*\}")]
    private static partial Regex EmptyCatch();

    private static IEnumerable<string> Find(Regex pattern, Func<SourceFile, string> text) =>
        Files.SelectMany(file => pattern.Matches(text(file)).Select(match => $"{file.Path}: {match.Value}"));
}
