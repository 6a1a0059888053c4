namespace OrleansPatterns.DeliveryTests.Compatibility;

/// <summary>A stored member of a state, or of something in it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Of">Its value in an object.</param>
internal sealed record SampleMember(string Name, Type Type, Func<object, object?> Of);
