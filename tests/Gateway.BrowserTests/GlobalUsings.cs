global using CacheGateway.BrowserTests.Infrastructure;
global using CacheGateway.FunctionalTests.Infrastructure;
global using Microsoft.Playwright;
