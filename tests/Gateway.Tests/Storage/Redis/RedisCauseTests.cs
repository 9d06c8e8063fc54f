using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CacheGateway.Storage.Redis;

namespace CacheGateway.Tests.Storage.Redis;

public sealed class RedisCauseTests
{
    [Theory]
    [InlineData("-WRONGPASS invalid username-password pair or user is disabled.\r\n-NOAUTH Authentication required.\r\n", "WRONGPASS invalid username-password pair or user is disabled")]
    [InlineData("-NOAUTH Authentication required.\r\n", "NOAUTH Authentication required (give the password: REDIS_PASSWORD, or in REDIS_URL)")]
    [InlineData("+OK\r\n-LOADING Redis is loading the dataset in memory\r\n", "LOADING Redis is loading the dataset in memory")]
    [InlineData("-ERR max number of clients reached\r\n", "ERR max number of clients reached")]
    [InlineData("-ERR \u0001\r\n", "ERR ?")]
    [InlineData("\u0015\u0003\u0001\u0000\u0002\u0002F", "it speaks TLS; use rediss:// or REDIS_SSL=true")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n", "what answers there is no Redis")]
    [InlineData("", "it closed the connection without an answer; perhaps it wants TLS (rediss://)")]
    [InlineData("+OK\r\n*2\r\n$10\r\n", null)]
    public void Answer_SaysWhatStandsInTheWay(string answer, string? cause) => Assert.Equal(cause, RedisCause.OfAnswer(Encoding.Latin1.GetBytes(answer)));

    [Theory]
    [InlineData("", false)]
    [InlineData("+OK\r\n", false)]
    [InlineData("+OK\r\n-LOAD", false)]
    [InlineData("+OK\r\n*2", true)]
    [InlineData("*2", true)]
    [InlineData("-NOAUTH\r\n", true)]
    public void Reading_EndsWithARefusalOrAList(string answer, bool isEnough) => Assert.Equal(isEnough, RedisCause.IsEnough(Encoding.Latin1.GetBytes(answer)));

    [Fact]
    public void Certificate_IsToldWithWhatIsWrong()
    {
        Assert.Equal("its certificate is not trusted here (UntrustedRoot)", RedisCause.OfCertificate(SslPolicyErrors.RemoteCertificateChainErrors, X509ChainStatusFlags.UntrustedRoot));
        Assert.Equal("its certificate is for another name", RedisCause.OfCertificate(SslPolicyErrors.RemoteCertificateNameMismatch, X509ChainStatusFlags.NoError));
    }
}
