using CacheGateway.Cli;

return await RootCommands.Create().Parse(args).InvokeCliAsync();
