using System.ComponentModel.DataAnnotations.Schema;
using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json;
using BackendApi.Data.Memory;

namespace BackendApi.Data;

/// <summary>What set-up and constraints need of a table whose row type they do not know.</summary>
internal interface ITable
{
    string Name { get; }

    string System { get; }

    IEnumerable<Row> SeedRows();

    MemoryTable SeedMemory();

    bool AnyRefersTo(Snapshot snapshot, string table, int id);
}

/// <summary>One column: its name in SQL (snake_case), the property behind it, and how to read it without reflection.</summary>
internal sealed record Column<T>(string Name, string Property, Type Type, Func<T, object?> Get);

/// <summary>A foreign key, for the built-in data; PostgreSQL has it in schema.sql.</summary>
internal sealed record Reference<T>(string Table, Func<T, int> Key);

/// <summary>
/// One table, described once for both kinds of store. <see cref="System"/> is the part of the name before the first underscore.
/// </summary>
internal sealed record Table<T>(string Name, Func<IEnumerable<T>> Seed) : ITable
    where T : Row
{
    private static readonly Column<T>[] AllColumns = [.. typeof(T).GetProperties().Where(IsData).Select(ToColumn)];

    public string System { get; } = Name.Split('_')[0];

    /// <summary>The table, or the view that joins what a reader sees beside it.</summary>
    public string ReadFrom { get; init; } = Name;

    /// <summary>The tables whose commits change what a reader of this one sees.</summary>
    public string[] Sources { get; init; } = [Name];

    public Reference<T>[] References { get; init; } = [];

    /// <summary>Two rows may not agree in this value.</summary>
    public Func<T, object>? Unique { get; init; }

    /// <summary>What the view of <see cref="ReadFrom"/> does, for the built-in data.</summary>
    public Func<Snapshot, T, T> Shape { get; init; } = static (_, row) => row;

    /// <summary>The columns that are stored, without the id, which the store gives.</summary>
    public static IReadOnlyList<Column<T>> Stored { get; } =
    [
        .. AllColumns.Where(column => column.Property != nameof(Row.Id)
            && typeof(T).GetProperty(column.Property)!.GetCustomAttribute<NotMappedAttribute>() is null),
    ];

    /// <summary>Names come from code, never from a request; an unknown one is a bug.</summary>
    public static Column<T> Column(string name) => AllColumns.First(column => column.Name == name);

    public IEnumerable<Row> SeedRows() => Seed();

    public MemoryTable SeedMemory() => MemoryTable<T>.Of(Seed());

    public bool AnyRefersTo(Snapshot snapshot, string table, int id) =>
        References.Where(reference => reference.Table == table)
            .Any(reference => snapshot.Rows<T>(Name).Values.Any(row => reference.Key(row) == id));

    private static bool IsData(PropertyInfo property) => property.GetMethod is { IsPublic: true, IsStatic: false };

    private static Column<T> ToColumn(PropertyInfo property)
    {
        var row = Expression.Parameter(typeof(T));
        var read = Expression.Convert(Expression.Property(row, property), typeof(object));
        var name = JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
        return new Column<T>(name, property.Name, property.PropertyType, Expression.Lambda<Func<T, object?>>(read, row).Compile());
    }
}
