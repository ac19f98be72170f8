using System.Security.Cryptography;
using CrossFormer.Arrays;
using CrossFormer.Data.Rlds;
using CrossFormer.Testing;

namespace CrossFormer.Data.Tests.Rlds;

/// <summary>goldens/rlds/kinds: every feature kind, as TFDS reads it back.</summary>
[Trait(Goldens.Category, Goldens.Reference)]
public class KindsTests
{
    [Theory]
    [InlineData("train")]
    [InlineData("val")]
    public void EveryFeature_IsReadAsTfdsReadsIt(string split)
    {
        var dataset = Open();
        var expected = ExpectedValues.Read(Goldens.File("rlds", $"expected_{split}.npz"));
        var unread = expected.Arrays.Keys.Concat(expected.Strings.Keys).ToHashSet();
        var wrong = new List<string>();
        var number = 0;
        foreach (var episode in dataset.ReadEpisodes(split))
        {
            foreach (var feature in dataset.Features)
            {
                var column = (feature.PerStep ? episode.Steps : episode.Metadata)[feature.Name];
                foreach (var (suffix, array, strings) in Parts(column))
                {
                    var key = $"{number}/{feature.Key}{suffix}";
                    unread.Remove(key);
                    if (strings is null ? !Same(expected.Arrays, key, array!) : !Same(expected.Strings, key, strings.Value))
                        wrong.Add($"{key}: {array}");
                }
            }

            number++;
        }

        // Pixels are another matter (ImageColumnTests); their files' hashes are compared here.
        unread.RemoveWhere(IsPixels);
        Assert.Empty(wrong);
        Assert.Empty(unread);
        Assert.Equal(dataset.EpisodeCount(split), number);

        bool IsPixels(string key)
        {
            var name = key[(key.IndexOf('/') + 1)..];
            return dataset.Features.Any(f => f.Kind == RldsFeatureKind.Image && (name == f.Key || name == $"{f.Key}/values" || name == $"{f.Key}/shapes"));
        }
    }

    [Fact]
    public void Features_AreThoseOfTheManifest()
    {
        var features = Open().Features.ToDictionary(f => f.Key);
        var expected = Goldens.Json("rlds", "manifest.json")["cases"]!["kinds"]!["features"]!.AsObject();
        Assert.Equal(expected.Select(e => e.Key).Order(StringComparer.Ordinal), features.Keys.Order(StringComparer.Ordinal));
        foreach (var (key, node) in expected)
        {
            var feature = features[key];
            Assert.Equal(node!["class"]!.GetValue<string>(), feature.ClassName);
            Assert.Equal(node["dtype"]!.GetValue<string>(), feature.DType?.NumpyName() ?? "string");
            Assert.Equal(node["shape"]!.AsArray().Select(d => d?.GetValue<int>() ?? -1), feature.Shape);
            Assert.Equal(node["sequences"]!.GetValue<int>(), feature.SequenceLengths.Count);
        }
    }

    [Fact]
    public void ClassLabels_HaveTheirNames()
    {
        var features = Open().Features.ToDictionary(f => f.Name);
        Assert.Equal(["reach", "grasp", "place it"], features["phase"].ClassNames);
        Assert.Equal(["cup", "plate"], features["sequence/labels"].ClassNames);
        Assert.Empty(features["label"].ClassNames);
        Assert.Equal(3, features["episode_metadata/fixed"].SequenceLengths.Single());
        Assert.Equal("Main camera.", features["observation/image_jpeg"].Description);
    }

    [Fact]
    public void AColumnOfAnotherKind_IsRefusedByName()
    {
        var episode = Open().ReadEpisode("val", 0);
        Assert.Contains("observation/image_png", Assert.Throws<InvalidOperationException>(() => episode.Steps.Array("observation/image_png")).Message);
        Assert.Contains("reward", Assert.Throws<InvalidOperationException>(() => episode.Steps.Images("reward")).Message);
        Assert.Contains("reward", Assert.Throws<InvalidOperationException>(() => episode.Steps.Texts("reward")).Message);
        var unknown = Assert.Throws<KeyNotFoundException>(() => episode.Steps["observation/image_9"]);
        Assert.Contains("observation/image_jpeg", unknown.Message);
        Assert.False(episode.Steps.Contains("observation/image_9"));
    }

    private static RldsDataset Open() => RldsDataset.Open(Goldens.File("rlds", "kinds"));

    private static IEnumerable<(string Suffix, NdArray? Array, (int[] Shape, byte[][] Values)? Strings)> Parts(RldsColumn column)
    {
        switch (column)
        {
            case ArrayColumn array:
                yield return ("", array.Values, null);
                break;
            case BytesColumn bytes:
                yield return ("", null, (bytes.Shape, [.. bytes.Values.Select(v => ExpectedValues.Trim(v.Span))]));
                break;
            case VaryingColumn varying:
                var all = varying.Values.SelectMany(v => v.Bytes.ToArray()).ToArray();
                yield return ("/values", new NdArray(column.Feature.DType!.Value, [all.Length / column.Feature.DType.Value.Size()], all), null);
                yield return ("/shapes", Numbers([.. varying.Values.SelectMany(v => v.Shape)], varying.Count, column.Feature.Shape.Count), null);
                break;
            case ImageColumn images:
                yield return ("/sha256", new NdArray(DType.UInt8, [images.Count, 32], images.Encoded.SelectMany(e => SHA256.HashData(e.Span)).ToArray()), null);
                break;
            case RaggedColumn ragged:
                for (var i = 0; i < ragged.RowLengths.Count; i++)
                    yield return ($"/row_lengths_{i}", Numbers(ragged.RowLengths[i], ragged.RowLengths[i].Length), null);
                foreach (var (suffix, array, strings) in Parts(ragged.Values))
                    yield return (suffix.Length == 0 ? "/values" : suffix, array, strings);
                break;
        }
    }

    private static NdArray Numbers(int[] values, params int[] shape) => NdArray.From(Array.ConvertAll(values, v => (long)v), shape);

    private static bool Same(IReadOnlyDictionary<string, NdArray> expected, string key, NdArray actual)
    {
        if (!expected.TryGetValue(key, out var e) || !e.Shape.SequenceEqual(actual.Shape))
            return false;
        return actual.DType == DType.BFloat16
            ? e.ToSingles().SequenceEqual(actual.ToSingles())
            : e.DType == actual.DType && e.Bytes.Span.SequenceEqual(actual.Bytes.Span);
    }

    private static bool Same(IReadOnlyDictionary<string, (int[] Shape, byte[][] Values)> expected, string key, (int[] Shape, byte[][] Values) actual) =>
        expected.TryGetValue(key, out var e) && e.Shape.SequenceEqual(actual.Shape) && e.Values.Zip(actual.Values).All(p => p.First.SequenceEqual(p.Second));
}
