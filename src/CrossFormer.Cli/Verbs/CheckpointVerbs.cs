using System.CommandLine;

namespace CrossFormer.Cli.Verbs;

/// <summary>The group <c>checkpoint</c>.</summary>
internal static class CheckpointVerbs
{
    /// <summary>The group with its verbs.</summary>
    public static Command Group() => new("checkpoint", "looks into checkpoints and converts them") { new CheckpointInspectVerb(), new CheckpointConvertVerb() };

    /// <summary>A training step; null when not given.</summary>
    public static Option<int?> Step()
    {
        var option = new Option<int?>("--step") { Description = "training step (default: the newest)", HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() < 0)
                result.AddError("--step: expected a number from 0 on.");
        });
        return option;
    }
}
