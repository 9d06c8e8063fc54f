using System.CommandLine;
using System.Runtime.Versioning;
using Compare;

[assembly: SupportedOSPlatform("linux")]

var root = new Option<string>("--root") { Description = "The repository.", DefaultValueFactory = _ => Environment.CurrentDirectory };
var scenarios = new Option<string[]>("--scenarios") { Description = "Names, or beginnings of names that are none themselves (default: all).", AllowMultipleArgumentsPerToken = true };
var peers = new Option<string[]>("--peers") { Description = "Parts of the names of peers to compare with (default: all).", AllowMultipleArgumentsPerToken = true };
var rounds = new Option<int>("--rounds") { Description = "Rounds of each scenario.", DefaultValueFactory = _ => 5 };
var seconds = new Option<int>("--seconds") { Description = "Seconds of each round of each peer.", DefaultValueFactory = _ => 5 };
var warmUp = new Option<int>("--warm-up") { Description = "Seconds before the first round.", DefaultValueFactory = _ => 4 };
var quick = new Option<bool>("--quick") { Description = "Three minutes: two rounds of 2 s, and no scenario that cannot be made short." };
var list = new Option<bool>("--list") { Description = "Only name the scenarios." };
var output = new Option<string?>("--output") { Description = "File for the table (default: bench/results/ with the date)." };
var gateway = new Option<string[]>("--gateway") { Description = "Further arguments of \"run\" for the gateway.", AllowMultipleArgumentsPerToken = true };
var command = new RootCommand("Runs the gateway and its peers in turn under the same load.") { root, scenarios, peers, rounds, seconds, warmUp, quick, list, output, gateway };
command.SetAction(async parsed =>
{
    var isQuick = parsed.GetValue(quick);
    var options = new BenchOptions
    {
        Root = parsed.GetValue(root)!,
        Scenarios = parsed.GetValue(scenarios) ?? [],
        Peers = parsed.GetValue(peers) ?? [],
        Rounds = isQuick ? 2 : parsed.GetValue(rounds),
        Seconds = isQuick ? 2 : parsed.GetValue(seconds),
        WarmUpSeconds = isQuick ? 2 : parsed.GetValue(warmUp),
        Quick = isQuick,
        GatewayArguments = parsed.GetValue(gateway) ?? [],
        Output = parsed.GetValue(output),
    };
    if (options.Peers.FirstOrDefault(part => !Peers.Names.Any(name => name.Contains(part, StringComparison.OrdinalIgnoreCase))) is { } unknown)
    {
        Console.Error.WriteLine($"--peers: there is no peer \"{unknown}\"; there are {string.Join(", ", Peers.Names)}");
        return 2;
    }

    var chosen = Scenarios.All
        .Where(scenario => options.Scenarios.Length == 0 ? !(options.Quick && scenario.IsLong) : options.Scenarios.Any(name => Scenarios.IsMeant(scenario, name)))
        .ToArray();
    if (parsed.GetValue(list) || chosen.Length == 0)
    {
        foreach (var scenario in Scenarios.All)
        {
            Console.WriteLine($"{scenario.Name,-14} {scenario.Text}{(scenario.IsLong ? " (long)" : "")}");
        }

        return chosen.Length == 0 ? 2 : 0;
    }

    return await Comparison.RunAsync(options, chosen) ? 0 : 1;
});
return await command.Parse(args).InvokeAsync();
