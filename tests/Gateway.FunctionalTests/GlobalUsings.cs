global using CacheGateway.FunctionalTests.Infrastructure;
