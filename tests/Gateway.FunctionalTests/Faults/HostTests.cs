using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using CacheGateway.Children;
using CacheGateway.FunctionalTests.Promises;

namespace CacheGateway.FunctionalTests.Faults;

/// <summary>A host that is short of something: descriptors, memory, processor, disk, or somebody who reads the log.</summary>
public sealed class HostTests
{
    [Fact]
    [Fault("F-41", "More connections than file descriptors: the surplus is closed at once, those that are served are served, no spinning, and all is well when they leave")]
    public async Task DescriptorsSpent_SurplusIsClosed_AndTheRestServed()
    {
        await using var origin = ScriptedOrigin.Start(TimeProvider.System);
        origin.Get("/*", Reply.Ok("x", "Cache-Control: no-store"));
        await using var gateway = await GatewayProcess.StartAsync(origin.Address, shell: "ulimit -n 1024");
        var clients = new List<RawClient>();
        for (var i = 0; i < 700; i++)
        {
            try
            {
                clients.Add(await gateway.ConnectAsync());
            }
            catch (SocketException) when (i > 300)
            {
                // Closed as early as this is closed at once, which is what is asked for.
            }
        }

        await gateway.UntilMetric("cachegateway_connections_refused", refused => refused > 300);
        Assert.True(gateway.OpenFiles() < 1024 - 128, $"{gateway.OpenFiles()} descriptors are open");
        Assert.Equal("x", (await clients[0].GetAsync("/1")).Text);
        await Deadline.Until(
            async () =>
            {
                // What the compiler has still to do after so many connections ends; a loop that waits for nothing does not.
                var before = gateway.ProcessorTime();
                await Task.Delay(2000);
                return gateway.ProcessorTime() - before < TimeSpan.FromMilliseconds(1000);
            },
            "two seconds in which it waits, and does not spin");
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }

        await gateway.UntilMetric("cachegateway_connections", open => open == 0);
        Assert.Equal("x", (await gateway.GetAsync("/2")).Text);
    }

    [Fact]
    [Fault("F-41", "More connections to the admin address than its share of the file descriptors: the surplus is closed at once, clients are served, and all is well when they leave")]
    public async Task AdminConnections_BeyondTheirShare_AreClosed_AndClientsServed()
    {
        await using var origin = ScriptedOrigin.Start(TimeProvider.System);
        origin.Get("/*", Reply.Ok("x", "Cache-Control: no-store"));
        await using var gateway = await GatewayProcess.StartAsync(origin.Address, shell: "ulimit -n 1024");
        var (held, answered) = (new List<RawClient>(), 0);
        for (var i = 0; i < 300; i++)
        {
            answered += await IsAnsweredAsync() ? 1 : 0;
        }

        Assert.Equal(1024 / 8, answered);
        Assert.Equal("x", (await gateway.GetAsync("/1")).Text);
        foreach (var client in held)
        {
            await client.DisposeAsync();
        }

        await Deadline.Until(IsAnsweredAsync, "room for another");

        async Task<bool> IsAnsweredAsync()
        {
            try
            {
                held.Add(await RawClient.ConnectAsync(gateway.AdminAddress));
                return (await held[^1].GetAsync("/healthz")).Status == 200;
            }
            catch (Exception closed) when (closed is SocketException or IOException)
            {
                return false;
            }
        }
    }

    [Fact]
    [Fault("F-40", "Memory near a hard limit (128 MB of heap), full of unique bodies and of downloads that are not kept: every answer is whole, and the process lives")]
    public async Task MemoryNearItsLimit_EveryAnswerIsWhole()
    {
        const int Bodies = 2000;
        const int Downloads = 60;
        await using var origin = ScriptedOrigin.Start(TimeProvider.System);
        var body = new string('x', 100_000);
        var download = new string('y', 4_000_000);
        origin.Get("/body/*", Reply.Ok(body, Numbered.Fresh));
        origin.Get("/download/*", Reply.Ok(download, "Cache-Control: no-store"));
        await using var gateway = await GatewayProcess.StartAsync(origin.Address, environment: [("DOTNET_GCHeapHardLimit", "0x8000000")]);
        var wrong = new ConcurrentBag<string>();
        async Task AskAsync(string path, int length)
        {
            var answer = await gateway.GetAsync(path);
            if (answer.Status != 200 || !answer.Complete || answer.Body.Length != length)
            {
                wrong.Add($"{path}: {answer.StatusLine}, {answer.Body.Length} bytes");
            }
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = 16 };
        await Parallel.ForEachAsync(Enumerable.Range(0, Bodies), options, async (i, _) => await AskAsync($"/body/{i}", body.Length));
        await Parallel.ForEachAsync(Enumerable.Range(0, Downloads), options, async (i, _) => await AskAsync($"/download/{i}", download.Length));

        Assert.Empty(wrong);
        Assert.False(gateway.HasExited);
        Assert.InRange(await gateway.MetricAsync("cachegateway_memory_bytes"), 1, 33 * 1024 * 1024);
    }

    [Fact]
    [Fault("F-42", "A processor that others keep busy: answers and health come all the same")]
    public async Task ProcessorBusy_AnswersAndHealthCome()
    {
        await using var origin = ScriptedOrigin.Start(TimeProvider.System);
        origin.Get("/x", Reply.Ok("x", Numbered.Fresh));
        const string Pin = "taskset -p -c 0 $$ > /dev/null";
        await using var gateway = await GatewayProcess.StartAsync(origin.Address, shell: Pin);
        var others = Enumerable.Range(0, 2).Select(_ => Process.Start(Leash.Of("sh", ["-c", "while :; do :; done"], Pin))!).ToArray();
        try
        {
            await Deadline.Until(() => Task.FromResult(others.All(Burns)), "others keep the processor busy");

            for (var i = 0; i < 100; i++)
            {
                Assert.Equal("x", (await gateway.GetAsync("/x")).Text);
            }

            Assert.Equal(200, await Deadline.Within(gateway.ReadyAsync(), "health"));
            Assert.All(others, other => Assert.False(other.HasExited, "it kept the processor busy to the end"));
        }
        finally
        {
            foreach (var other in others)
            {
                other.Kill();
                await other.WaitForExitAsync();
                other.Dispose();
            }
        }

        static bool Burns(Process other)
        {
            other.Refresh();
            return other.TotalProcessorTime > TimeSpan.FromMilliseconds(100);
        }
    }

    [Fact]
    [Fault("F-47", "The disk that takes the log is full: requests are answered, the process lives")]
    public async Task DiskOfTheLogFull_RequestsAreAnswered()
    {
        await using var origin = ScriptedOrigin.Start(TimeProvider.System);
        origin.Get("/x", Reply.Ok("x", Numbered.Fresh));
        origin.On("GET", "/bad/*", Reply (_) => Reply.Exactly("GARBAGE\r\n\r\n"));
        await using var gateway = await GatewayProcess.StartUnheardAsync(origin.Address, "exec > /dev/full 2>&1");

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(502, (await gateway.GetAsync($"/bad/{i}")).Status);
            Assert.Equal("x", (await gateway.GetAsync("/x")).Text);
        }

        gateway.Signal("TERM");
        Assert.Equal(0, await gateway.ExitAsync());
    }

    [Fact]
    [Fault("F-53", "Nobody reads the log any more and its pipe is full: lines are dropped, requests are answered")]
    public async Task NobodyReadsTheLog_RequestsAreAnswered()
    {
        await using var origin = ScriptedOrigin.Start(TimeProvider.System);
        origin.Get("/x", Reply.Ok("x", Numbered.Fresh));
        origin.On("GET", "/bad/*", Reply (_) => Reply.Exactly("GARBAGE\r\n\r\n"));
        await using var gateway = await GatewayProcess.StartUnheardAsync(origin.Address, shell: null, reads: false);

        // Each is a line of the log: more than the pipe (64 KB) and the queue (2,500 lines) hold.
        await Parallel.ForEachAsync(Enumerable.Range(0, 8), async (part, _) =>
        {
            await using var client = await gateway.ConnectAsync();
            for (var i = 0; i < 500; i++)
            {
                Assert.True((await client.GetAsync($"/bad/{part}/{i}")).Status is 502 or 503, "an answer");
            }
        });

        Assert.Equal("x", (await gateway.GetAsync("/x")).Text);
    }

    [Fact]
    [Fault("F-51", "5,000 connections at once: all are served, an idle one costs little, and all is given back")]
    public async Task FiveThousandConnections_AreServed_AndGivenBack()
    {
        const int Connections = 5000;
        await using var origin = ScriptedOrigin.Start(TimeProvider.System);
        origin.Get("/x", Reply.Ok("x", Numbered.Fresh));
        await using var gateway = await GatewayProcess.StartAsync(origin.Address);
        await gateway.GetAsync("/x");
        var (memory, files) = (gateway.ResidentBytes(), gateway.OpenFiles());
        var request = Encoding.ASCII.GetBytes("GET /x HTTP/1.1\r\nHost: shared.test\r\n\r\n");
        var sockets = new List<Socket>();
        try
        {
            for (var i = 0; i < Connections; i++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                sockets.Add(socket);
                await socket.ConnectAsync(gateway.Address.Host, gateway.Address.Port);
            }

            await Parallel.ForEachAsync(sockets, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (socket, cancellation) =>
            {
                await socket.SendAsync(request, cancellation);
                var answer = new byte[1024];
                var count = await socket.ReceiveAsync(answer, cancellation);
                Assert.StartsWith("HTTP/1.1 200", Encoding.ASCII.GetString(answer, 0, count), StringComparison.Ordinal);
            });

            // Those of the requests before are gone when the gateway has noticed it.
            await gateway.UntilMetric("cachegateway_connections", open => open == Connections);
            Assert.True(gateway.ResidentBytes() - memory < Connections * 40L * 1024, $"{(gateway.ResidentBytes() - memory) / Connections} bytes a connection");
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }

        await gateway.UntilMetric("cachegateway_connections", open => open == 0);
        await Deadline.Until(() => Task.FromResult(gateway.OpenFiles() < files + 50), "descriptors are given back");
        Assert.Equal(1, origin.Requests("/x"));
    }

    [Fact]
    [Fault("F-51", "Clients that send a header byte by byte are closed in time, and others are served meanwhile")]
    public async Task HeadersThatNeverEnd_AreClosedInTime()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", Numbered.Fresh));
        var slow = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => env.ConnectAsync()));
        await Task.WhenAll(slow.Select(client => client.SendAsync("GET /x HTTP/1.1\r\nHost: a\r\nX-Slow: ")));

        Assert.Equal("x", (await env.GetAsync("/x")).Text);
        foreach (var client in slow)
        {
            var (status, _) = await client.ReadHeadAsync();
            Assert.StartsWith("HTTP/1.1 408", status, StringComparison.Ordinal);
            await client.DisposeAsync();
        }
    }

    [Fact]
    [Fault("F-48", "The admin port is taken at start: one line that says so, exit code 2, no half of a gateway")]
    public async Task AdminPortTaken_IsSaid()
    {
        using var taken = new TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        await using var gateway = GatewayProcess.Launch(
            new Uri("http://127.0.0.1:1"), ["--urls", "http://127.0.0.1:0", "--admin-urls", $"http://{taken.LocalEndpoint}"]);

        Assert.Equal(2, await gateway.ExitAsync());
        Assert.Contains(gateway.Lines, line => line.Contains("--admin-urls", StringComparison.Ordinal));
    }
}
