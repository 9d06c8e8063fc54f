global using CacheGateway.BrowserTests.Infrastructure;
global using Microsoft.Playwright;
