using System.Data;
using Dapper;

namespace BackendApi.Data.Postgres;

/// <summary>Dapper does not know the type that Npgsql gives for a date.</summary>
internal sealed class DateOnlyHandler : SqlMapper.TypeHandler<DateOnly>
{
    public override DateOnly Parse(object value) => (DateOnly)value;

    public override void SetValue(IDbDataParameter parameter, DateOnly value) => parameter.Value = value;
}
