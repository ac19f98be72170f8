namespace CrossFormer.Data.Surveys;

/// <summary>What of a survey deserves a look.</summary>
internal static class SurveyFindings
{
    /// <summary>Sentences, the most general first.</summary>
    public static IEnumerable<string> Of(DatasetSurvey survey)
    {
        foreach (var split in survey.Splits)
        {
            if (split.Lengths.Count(l => l == 0) is > 0 and var empty)
                yield return $"{split.Name}: {Episodes(empty)} without any step";
            if (split.Lengths.Count(l => l == 1) is > 0 and var single)
                yield return $"{split.Name}: {Episodes(single)} of a single step";
        }

        foreach (var (split, earlier, count) in survey.Repeated)
            yield return split == earlier ? $"{split}: {Episodes(count)} repeating an earlier one, byte for byte"
                : $"{split}: {Episodes(count)} of {survey.Splits.First(s => s.Name == split).Episodes} repeating one of {earlier}, byte for byte";

        var episodes = survey.Splits.Sum(s => s.Episodes);
        if (survey.InstructionFeature is null)
            yield return "no instructions: a policy can be conditioned on goal images only";
        else if (survey.Instructions.FirstOrDefault(i => string.IsNullOrWhiteSpace(i.Key)) is { Value: > 0 and var without })
            yield return $"{survey.InstructionFeature}: empty in {without} of {Episodes(episodes)}";
        foreach (var camera in survey.Cameras)
        {
            if (camera.IsBlack)
                yield return $"{camera.Feature.Name}: black in all of {camera.FirstFrames.Count} frames that were looked at";
            var (height, width) = (camera.Feature.Shape[0], camera.Feature.Shape[1]);
            var others = camera.Sizes.Where(s => height >= 0 && s.Key.Height != height || width >= 0 && s.Key.Width != width).ToArray();
            if (others.Length > 0)
                yield return $"{camera.Feature.Name}: features.json says {height}x{width}; {Episodes(others.Sum(s => s.Value))} of another size: {string.Join(", ", others.Select(s => $"{s.Key.Height}x{s.Key.Width}"))}";
            else if (camera.Sizes.Count > 1)
                yield return $"{camera.Feature.Name}: images of {camera.Sizes.Count} sizes ({string.Join(", ", camera.Sizes.Select(s => $"{s.Key.Height}x{s.Key.Width}"))})";
        }

        foreach (var number in survey.Numbers)
        {
            if (number.Dimensions.Sum(d => d.NonFinite) is > 0 and var bad)
                yield return $"{number.Feature.Name}: {bad} values are no finite float32 numbers";
            var constant = number.Dimensions.Select((d, i) => (d, i)).Where(d => d.d.IsConstant).ToArray();
            if (constant.Length > 0 && episodes > 1)
                yield return $"{number.Feature.Name}{Places(number, constant.Select(c => c.i))}: the same value at every step ({string.Join(", ", constant.Select(c => $"{c.d.Min:g6}").Distinct())})";
        }
    }

    private static string Episodes(int count) => count == 1 ? "1 episode" : $"{count} episodes";

    private static string Places(NumberSurvey number, IEnumerable<int> places) =>
        number.Dimensions.Count == 1 ? "" : $"[{string.Join(", ", places)}]";
}
