namespace OrleansPatterns.AspNetCore.Management;

/// <summary>Some of a list, the most recently changed first.</summary>
/// <param name="Items">What is listed.</param>
/// <param name="Next">The <c>cursor</c> of the next page; null: this is the last.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? Next)
{
    /// <summary>Makes a page of what was asked for with one more than fits on it.</summary>
    internal static Page<T> Of<TRow>(IReadOnlyList<TRow> rows, int size, Func<TRow, string> cursorOf, Func<TRow, T> show) =>
        new([.. rows.Take(size).Select(show)], rows.Count > size ? cursorOf(rows[size - 1]) : null);
}
