Console.WriteLine("CacheGateway");
