using System.CommandLine;
using CacheGateway.Soak;

var duration = new Option<string>("--duration") { Description = "How long, such as 60s or 20m.", DefaultValueFactory = _ => "60s" };
var seed = new Option<int>("--seed") { Description = "Of everything that is chosen at random; printed, so that a run can be repeated.", DefaultValueFactory = _ => Environment.TickCount & 0xFFFF };
var gateways = new Option<int>("--gateways") { Description = "Gateways, 1 to 5.", DefaultValueFactory = _ => 3 };
var rate = new Option<int>("--rate") { Description = "Requests a second, all together.", DefaultValueFactory = _ => 300 };
var json = new Option<string?>("--json") { Description = "Where the result is written as JSON." };
var command = new RootCommand("Mixed traffic on real gateways and a real Redis with faults at random; every answer is checked byte for byte.") { duration, seed, gateways, rate, json };
command.SetAction((parsed, cancellation) =>
{
    if (SoakOptions.Duration(parsed.GetValue(duration)!) is not { } time || parsed.GetValue(gateways) is < 1 or > 5 || parsed.GetValue(rate) is < 1 or > 100_000)
    {
        Console.Error.WriteLine("--duration is a time such as 60s or 20m, --gateways 1 to 5, --rate 1 to 100000. Try --help.");
        return Task.FromResult(2);
    }

    return SoakRun.RunAsync(new SoakOptions(time, parsed.GetValue(seed), parsed.GetValue(gateways), parsed.GetValue(rate), parsed.GetValue(json)), cancellation);
});
return await command.Parse(args).InvokeAsync();
