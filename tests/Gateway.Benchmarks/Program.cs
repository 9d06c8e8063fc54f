using BenchmarkDotNet.Running;

// dotnet run -c Release --project tests/Gateway.Benchmarks -- --filter '*' [--job short]
BenchmarkSwitcher.FromAssembly(typeof(Gateway.Benchmarks.KeyBenchmarks).Assembly).Run(args);
