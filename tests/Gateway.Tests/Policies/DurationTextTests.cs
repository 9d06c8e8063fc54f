using CacheGateway.Policies.Rules;

namespace Gateway.Tests.Policies;

public sealed class DurationTextTests
{
    [Theory]
    [InlineData("250ms", 250)]
    [InlineData("30s", 30_000)]
    [InlineData("5m", 300_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("1d", 86_400_000)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("0s", 0)]
    public void TryParse_NumberAndUnit_IsADuration(string text, long milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), DurationText.TryParse(text));

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("m")]
    [InlineData("5M")]
    [InlineData("5min")]
    [InlineData("5 m")]
    [InlineData("+5m")]
    [InlineData("1h30m")]
    [InlineData(".5h")]
    [InlineData("5.h")]
    [InlineData("1.2.3s")]
    [InlineData("1e3s")]
    [InlineData("99999999999999999999d")]
    [InlineData("٣s")]
    public void TryParse_AnythingElse_IsNone(string text) => Assert.Null(DurationText.TryParse(text));

    [Theory]
    [InlineData("900B", 900)]
    [InlineData("512KB", 512 * 1024)]
    [InlineData("16MB", 16 * 1024 * 1024)]
    [InlineData("1GB", 1024 * 1024 * 1024)]
    [InlineData("1073741824B", 1024 * 1024 * 1024)]
    [InlineData("8589934591GB", long.MaxValue - (1 << 30) + 1)]
    public void Size_NumberAndUnit_IsBytes(string text, long bytes) => Assert.Equal(bytes, SizeText.TryParse(text));

    [Theory]
    [InlineData("16")]
    [InlineData("16mb")]
    [InlineData("1.5MB")]
    [InlineData("MB")]
    [InlineData("8589934592GB")]
    [InlineData("9999999999GB")]
    [InlineData("9999999999999999999B")]
    public void Size_AnythingElse_IsNone(string text) => Assert.Null(SizeText.TryParse(text));
}
