using CacheGateway.Cli;
using CacheGateway.Hosting;

InlineScheduling.Prepare();
return await RootCommands.Create().Parse(args).InvokeCliAsync();
