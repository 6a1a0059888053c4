using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Primitives;
using OrleansPatterns.AspNetCore.Idempotency;
using OrleansPatterns.Catalog;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.DeliveryTests.Contracts;
using OrleansPatterns.Discovery;
using OrleansPatterns.Locks;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.DeliveryTests.Compatibility;

/// <summary>What earlier versions have stored is read by this one.</summary>
/// <remarks>
/// <c>ORLEANSPATTERNS_WRITE_SAMPLES=1</c> has <see cref="Samples_OfThisVersion_AreWhatItWrites"/> write those of the version that is being made, see docs/compatibility.md.
/// </remarks>
public sealed class StoredSampleTests : IDisposable
{
    private const string Http = "http-response";
    private const string Catalog = "catalog.";
    private static readonly StoredResponse Response = new(
        201, new Dictionary<string, StringValues> { ["Location"] = "/orders/7", ["Vary"] = new(["Accept", "Origin"]) }, "{\"id\":7}"u8.ToArray());

    private static readonly string WhatToDo =
        $"If {SampleFiles.CurrentVersion} is not released yet, run this test with ORLEANSPATTERNS_WRITE_SAMPLES=1. If it is, raise VersionPrefix in "
        + "Directory.Build.props first: samples of a released version are never written again. See docs/compatibility.md.";

    private readonly StoredForms _forms = new();

    public static TheoryData<string, string> Stored => Samples(name => !name.StartsWith(Catalog, StringComparison.Ordinal) && name != Http);

    public static TheoryData<string, string> Listed => Samples(name => name.StartsWith(Catalog, StringComparison.Ordinal));

    public static TheoryData<string, string> Answered => Samples(name => name == Http);

    [Fact]
    public void Samples_OfThisVersion_AreWhatItWrites()
    {
        List<(string Name, JsonNode? Expected, (string Ending, byte[] Bytes)[] Forms)> samples =
        [
            .. StoredSamples.All.Select(state => (
                state.Key, Rendition.Of(state.Value), StoredForms.Endings.Select(ending => (ending, _forms.Write(ending, state.Value))).ToArray())),
            .. StoredSamples.Summaries.Select(summary => (Catalog + summary.Key, JsonNode.Parse(summary.Value), Json(summary.Value))),
            (Http, Rendition.Of(Readable(Response)), [("bin", Response.Encode())]),
        ];
        if (ApprovedFile.IsWriting("ORLEANSPATTERNS_WRITE_SAMPLES"))
        {
            samples.ForEach(sample => SampleFiles.WriteCurrent(sample.Name, sample.Expected, sample.Forms));
            return;
        }

        // Where nothing that is stored has changed since the last release, that release's samples are the newest.
        foreach (var (name, ending, bytes) in samples.SelectMany(sample => sample.Forms.Select(form => (sample.Name, form.Ending, form.Bytes))))
        {
            Assert.True(
                SampleFiles.Newest != SampleFiles.CurrentVersion || SampleFiles.IsSame(name, ending, bytes),
                $"samples/{SampleFiles.Newest}/{name}.{ending} is not what this build writes. {WhatToDo}");
        }
    }

    [Theory]
    [MemberData(nameof(Stored))]
    public void State_OfEachVersion_IsReadInBothForms(string version, string name)
    {
        foreach (var ending in StoredForms.Endings)
        {
            var state = _forms.Read(ending, StoredSamples.All[name].GetType(), SampleFiles.Bytes(version, name, ending));
            AssertSame(version, $"{name}.{ending}", Rendition.Differences(SampleFiles.ExpectedOf(version, name), state));

            // What was read is what this version stores from now on, whichever form that is.
            foreach (var other in StoredForms.Endings)
            {
                var again = _forms.Read(other, state.GetType(), _forms.Write(other, state));
                Assert.Equal(Rendition.Of(state)!.ToJsonString(), Rendition.Of(again)!.ToJsonString());
            }
        }
    }

    [Theory]
    [MemberData(nameof(Listed))]
    public void CatalogRow_OfEachVersion_IsReadByWhatListsIt(string version, string name)
    {
        var json = System.Text.Encoding.UTF8.GetString(SampleFiles.Bytes(version, name, "json"));
        object listing = name[Catalog.Length..] switch
        {
            PatternNames.Breaker => JsonSerializer.Deserialize<BreakerListing>(json, JsonSerializerOptions.Web)!,
            PatternNames.Lock => JsonSerializer.Deserialize<LockListing>(json, JsonSerializerOptions.Web)!,
            PatternNames.Service => JsonSerializer.Deserialize<ServiceListing>(json, JsonSerializerOptions.Web)!,
            _ => SagaCatalogRow.ListingOf(new CatalogEntry { Pattern = PatternNames.Saga, Key = "k", Status = "Stuck", SummaryJson = json, Version = 1 }),
        };
        foreach (var (key, was) in SampleFiles.ExpectedOf(version, name).AsObject().Where(member => member.Value is not null))
        {
            var member = SampleMembers.Of(listing.GetType()).SingleOrDefault(member => string.Equals(member.Name, key, StringComparison.OrdinalIgnoreCase));
            Assert.True(member is not null, $"samples/{version}/{name}: '{key}' is not read any more.");
            var read = member.Of(listing);
            Assert.True(
                read is DateTimeOffset instant ? instant == DateTimeOffset.Parse(was!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture) : JsonNode.DeepEquals(was, Rendition.Of(read)),
                $"samples/{version}/{name}: {key} was {was!.ToJsonString()}, and is read as {read}.");
        }
    }

    [Theory]
    [MemberData(nameof(Answered))]
    public void Response_OfEachVersion_IsReplayed(string version, string name) =>
        Assert.Equal(
            SampleFiles.ExpectedOf(version, name).ToJsonString(),
            Rendition.Of(Readable(StoredResponse.TryDecode(SampleFiles.Bytes(version, name, "bin"))!))!.ToJsonString());

    /// <summary>A grain whose state has no sample could be changed without anybody noticing what that does to rows.</summary>
    [Fact]
    public void EveryState_HasASample()
    {
        var states = ContractListing.Grains.SelectMany(ContractListing.StatesOf).ToList();
        Assert.All(states, state => Assert.Contains(StoredSamples.All, sample => sample.Key.Split('.')[0] == state.Name && sample.Value.GetType() == state.Type));
        Assert.Equal(StoredSamples.All.Keys, SampleFiles.NamesIn(SampleFiles.Newest).Where(name => !name.StartsWith(Catalog, StringComparison.Ordinal) && name != Http));
    }

    [Fact]
    public void NewestSamples_HaveEveryMemberSet()
    {
        var read = SampleFiles.NamesIn(SampleFiles.Newest).Where(StoredSamples.All.ContainsKey)
            .Select(name => _forms.Read("bin", StoredSamples.All[name].GetType(), SampleFiles.Bytes(SampleFiles.Newest, name, "bin")));
        var set = SampleMembers.SetIn(read);
        var missing = ContractReach.Of(ContractListing.Grains.SelectMany(ContractListing.StatesOf).Select(state => state.Type))
            .Where(ContractListing.Serialized.Contains)
            .SelectMany(type => SampleMembers.Of(type).Select(member => $"{type.Name}.{member.Name}"))
            .Where(member => !set.Contains(member))
            .ToList();
        Assert.True(
            missing.Count == 0,
            $"No sample of {SampleFiles.Newest} has these set: {string.Join(", ", missing)}. Set them in Compatibility/StoredSamples*.cs. {WhatToDo}");
    }

    public void Dispose() => _forms.Dispose();

    private static TheoryData<string, string> Samples(Func<string, bool> ofKind)
    {
        var data = new TheoryData<string, string>();
        foreach (var (version, name) in SampleFiles.All.Where(sample => ofKind(sample.Name)))
        {
            data.Add(version, name);
        }

        return data;
    }

    private static (string, byte[])[] Json(string text) => [("json", System.Text.Encoding.UTF8.GetBytes(text))];

    private static object Readable(StoredResponse response) => new
    {
        response.StatusCode,
        Headers = response.Headers.ToDictionary(header => header.Key, header => header.Value.ToArray()),
        Body = System.Text.Encoding.UTF8.GetString(response.Body.Span),
    };

    private static void AssertSame(string version, string file, IEnumerable<string> differences)
    {
        string[] found = [.. differences];
        Assert.True(found.Length == 0, $"samples/{version}/{file} is not read as it was written:\n{string.Join('\n', found)}");
    }
}
