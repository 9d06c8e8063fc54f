using System.Buffers;
using System.Text;
using System.Text.Json;
using CacheGateway.Model;

namespace CacheGateway.Policies.Tags;

/// <summary>Finds the strings, numbers and booleans at JSON paths in one pass over a body as it lies in memory, whatever its segments.</summary>
internal static class BodyTags
{
    /// <param name="body">JSON, as a whole.</param>
    /// <param name="paths">What to look for.</param>
    /// <param name="found">Takes the index of the path and the value; false ends the search.</param>
    /// <returns>False when the body is no JSON, or nests deeper than 64.</returns>
    public static bool Read(BodySegments body, IReadOnlyList<JsonPath> paths, Func<int, string, bool> found)
    {
        var reader = new Utf8JsonReader(SequenceOf(body));
        var search = new Search(paths, found);
        try
        {
            reader.Read();
            return !search.Visit(ref reader, search.Start()) || !reader.Read();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is no text (half a surrogate pair, ill-formed UTF-8).
            return false;
        }
    }

    private static ReadOnlySequence<byte> SequenceOf(BodySegments body)
    {
        Link? first = null;
        Link? last = null;
        for (var i = 0; i < body.Count; i++)
        {
            last = new Link(body[i], last);
            first ??= last;
        }

        return first is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(first, 0, last!, last!.Memory.Length);
    }

    private sealed class Link : ReadOnlySequenceSegment<byte>
    {
        public Link(ReadOnlyMemory<byte> memory, Link? previous)
        {
            Memory = memory;
            if (previous is not null)
            {
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
                previous.Next = this;
            }
        }
    }

    private sealed class Search(IReadOnlyList<JsonPath> paths, Func<int, string, bool> found)
    {
        public List<Place> Start() => [.. Enumerable.Range(0, paths.Count).Select(path => new Place(path, 0))];

        /// <summary>Visits the value that the reader stands on; <paramref name="places"/> are the paths that lead here. False = end the search.</summary>
        public bool Visit(ref Utf8JsonReader reader, List<Place> places)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                    {
                        if (!Enter(ref reader, Members(ref reader, places)))
                        {
                            return false;
                        }
                    }

                    return true;
                case JsonTokenType.StartArray:
                    return VisitItems(ref reader, places);
                case JsonTokenType.Null:
                    return true;
                default:
                    return Report(ref reader, places);
            }
        }

        private bool VisitItems(ref Utf8JsonReader reader, List<Place> places)
        {
            for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
            {
                var inside = Next(places, step => step.TakesItem(index));
                if (inside.Count == 0)
                {
                    reader.Skip();
                }
                else if (!Visit(ref reader, inside))
                {
                    return false;
                }
            }

            return true;
        }

        private bool Enter(ref Utf8JsonReader reader, List<Place> inside)
        {
            if (inside.Count == 0)
            {
                reader.Skip();
                return true;
            }

            return reader.Read() && Visit(ref reader, inside);
        }

        private List<Place> Members(ref Utf8JsonReader reader, List<Place> places)
        {
            var inside = new List<Place>();
            foreach (var place in places)
            {
                if (place.Step < paths[place.Path].Steps.Count
                    && paths[place.Path].Steps[place.Step].Name is { } name && reader.ValueTextEquals(name))
                {
                    inside.Add(place with { Step = place.Step + 1 });
                }
            }

            return inside;
        }

        private List<Place> Next(List<Place> places, Func<JsonPath.Step, bool> takes) => places
            .FindAll(place => place.Step < paths[place.Path].Steps.Count && takes(paths[place.Path].Steps[place.Step]))
            .ConvertAll(place => place with { Step = place.Step + 1 });

        private bool Report(ref Utf8JsonReader reader, List<Place> places)
        {
            var ended = places.FindAll(place => place.Step == paths[place.Path].Steps.Count);
            if (ended.Count == 0)
            {
                return true;
            }

            var text = reader.TokenType == JsonTokenType.String ? reader.GetString()!
                : reader.HasValueSequence ? Encoding.UTF8.GetString(reader.ValueSequence)
                : Encoding.UTF8.GetString(reader.ValueSpan);
            return ended.TrueForAll(place => found(place.Path, text));
        }
    }

    /// <summary>A path, and how many of its steps led here.</summary>
    private readonly record struct Place(int Path, int Step);
}
