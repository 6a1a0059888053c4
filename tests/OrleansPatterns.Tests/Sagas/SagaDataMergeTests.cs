using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

public sealed class SagaDataMergeTests
{
    [Theory]
    [InlineData("""{"a":1}""", """{"a":2}""", """{"a":1}""", """{"a":2}""")]
    [InlineData("""{"a":1}""", """{"a":1}""", """{"a":2}""", """{"a":2}""")]
    [InlineData("""{"a":1,"b":1}""", """{"a":2,"b":1}""", """{"a":1,"b":2}""", """{"a":2,"b":2}""")]
    [InlineData("""{"a":1}""", """{"a":2}""", """{"a":3}""", """{"a":2}""")]
    [InlineData("""{}""", """{"a":1}""", """{"b":2}""", """{"b":2,"a":1}""")]
    [InlineData("""{"a":1,"b":1}""", """{"b":1}""", """{"a":1,"b":2}""", """{"b":2}""")]
    [InlineData("""{"a":1,"b":1}""", """{"a":1,"b":2}""", """{"b":1}""", """{"b":2}""")]
    [InlineData("""{"a":1}""", """{"a":2}""", """{}""", """{"a":2}""")]
    [InlineData("""{"a":1}""", """{}""", """{"a":2}""", """{}""")]
    [InlineData("""{"a":null}""", """{"a":1}""", """{"a":null,"b":1}""", """{"a":1,"b":1}""")]
    [InlineData("""{"a":1}""", """{"a":null}""", """{"a":1,"b":1}""", """{"a":null,"b":1}""")]
    [InlineData("""{"o":{"a":1,"b":1}}""", """{"o":{"a":2,"b":1}}""", """{"o":{"a":1,"b":2}}""", """{"o":{"a":2,"b":2}}""")]
    [InlineData("""{"o":null}""", """{"o":{"a":1}}""", """{"o":{"b":1}}""", """{"o":{"a":1}}""")]
    [InlineData("""{"o":{"a":1}}""", """{"o":null}""", """{"o":{"a":2}}""", """{"o":null}""")]
    [InlineData("""{"l":[1]}""", """{"l":[1,2]}""", """{"l":[1,3]}""", """{"l":[1,2]}""")]
    [InlineData("""{"l":[1],"a":1}""", """{"l":[1],"a":2}""", """{"l":[1,3],"a":1}""", """{"l":[1,3],"a":2}""")]
    [InlineData("""{"a":1}""", """{ "a" : 1 }""", """{"a":2}""", """{"a":2}""")]
    [InlineData("""[1]""", """[2]""", """[3]""", """[2]""")]
    [InlineData("""{"a":1}""", """null""", """{"a":2}""", """null""")]
    public void Merge_TakesWhatTheStepHasChanged(string before, string after, string current, string expected) =>
        Assert.Equal(expected, SagaDataMerge.Merge(before, after, current));
}
