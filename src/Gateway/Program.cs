using CacheGateway.Cli;

// Read when the first socket is made: completions run on the thread that polled, which a hit never leaves.
return await RootCommands.Create().Parse(args).InvokeCliAsync();
