using BackendApi.Data;

namespace BackendApi.Http;

/// <summary>
/// What a client sends to make or change a row: members are nullable, <c>[Required]</c> holds for POST and PUT, and a member that
/// is missing (PATCH) leaves the row's value.
/// </summary>
internal interface IInput<T>
    where T : Row
{
    T ApplyTo(T row);
}
