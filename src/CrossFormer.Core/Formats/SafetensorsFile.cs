using CrossFormer.Arrays;

namespace CrossFormer.Formats;

/// <summary>What a safetensors file holds.</summary>
/// <param name="Arrays">Arrays by name, in the header's order, not read yet.</param>
/// <param name="Metadata">The text of <c>__metadata__</c>.</param>
public sealed record SafetensorsFile(OrderedDictionary<string, StoredArray> Arrays, OrderedDictionary<string, string> Metadata);
