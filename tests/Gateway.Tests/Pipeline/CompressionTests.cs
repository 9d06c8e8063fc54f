using CacheGateway.Model;
using CacheGateway.Pipeline;
using CacheGateway.Tests.Http;

namespace CacheGateway.Tests.Pipeline;

public sealed class CompressionTests
{
    /// <summary>As it lies in Redis since before its policy compressed: nobody has said yet that it varies.</summary>
    [Fact]
    public void Prepare_OfWhatWasStoredWithoutCodings_SaysInEachThatItVaries()
    {
        var stored = Given.Stored(Given.Response("Content-Type: text/plain"), body: new string('x', 5000));

        var prepared = Compression.Prepare(stored, Given.Rfc9111 with { Compress = true });

        Assert.Equal(2, prepared.Coded.Length);
        Assert.All((StoredResponse[])[prepared, .. prepared.Coded.Select(coded => coded.Response)], one => Assert.Equal("Accept-Encoding", one.Header("Vary")));
        Assert.Null(stored.Header("Vary"));
    }
}
