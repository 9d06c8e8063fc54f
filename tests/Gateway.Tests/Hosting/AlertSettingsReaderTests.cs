using CacheGateway.Hosting;

namespace CacheGateway.Tests.Hosting;

public sealed class AlertSettingsReaderTests
{
    [Theory]
    [InlineData("0")]
    [InlineData("0s")]
    [InlineData("0ms")]
    public void Zero_SwitchesARuleOff(string zero)
    {
        var read = AlertSettingsReader.Read(name => name is "BusLag" or "CachedP99" ? zero : null);

        Assert.Equal((TimeSpan.Zero, TimeSpan.Zero), (read.BusLag, read.CachedP99));
    }

    [Theory]
    [InlineData("BusLag", "s")]
    [InlineData("BusLag", "")]
    [InlineData("BusLag", "-1s")]
    [InlineData("CachedP99", "0x")]
    [InlineData("Window", "0s")]
    public void WhatIsNoTime_IsRefused(string name, string text) =>
        Assert.Throws<SettingsException>(() => AlertSettingsReader.Read(asked => asked == name ? text : null));

    [Fact]
    public void Time_IsTaken() =>
        Assert.Equal(TimeSpan.FromMilliseconds(250), AlertSettingsReader.Read(name => name == "BusLag" ? "250ms" : null).BusLag);
}
