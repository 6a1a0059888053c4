namespace OrleansPatterns;

/// <summary>The one place where a user's key becomes a grain key, and back.</summary>
/// <remarks>
/// The ADO.NET grain storage reads a key that looks like a hexadecimal number as that number, so <c>2a</c>, <c>02a</c> and <c>2A</c>
/// would share one row (dotnet/orleans#9706). <c>lock/2a</c> cannot be read as a number: the slash is no hexadecimal digit.
/// </remarks>
internal static class GrainKeys
{
    /// <summary>Every grain type of ours is this plus the pattern's name, so that a catalog row leads back to its grain.</summary>
    internal const string GrainTypePrefix = "orleanspatterns.";

    internal static string For(string pattern, ResourceKey key) => $"{pattern}/{key.Value}";

    internal static GrainId GrainIdFor(string pattern, ResourceKey key) =>
        GrainId.Create(GrainTypePrefix + pattern, For(pattern, key));

    /// <summary>Takes the user's key out of a grain key.</summary>
    /// <exception cref="ArgumentException">The grain was addressed with a key that <see cref="For"/> did not make.</exception>
    internal static ResourceKey UserKey(string pattern, string grainKey)
    {
        if (grainKey.Length <= pattern.Length || grainKey[pattern.Length] != '/' || !grainKey.StartsWith(pattern, StringComparison.Ordinal))
        {
            throw new ArgumentException(
                $"The grain key '{grainKey}' does not start with '{pattern}/'. Get the grain through its extension method on IGrainFactory.",
                nameof(grainKey));
        }

        return ResourceKey.Parse(grainKey[(pattern.Length + 1)..], nameof(grainKey));
    }
}
