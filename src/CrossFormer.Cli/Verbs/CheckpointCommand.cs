using System.CommandLine;

namespace CrossFormer.Cli.Verbs;

/// <summary>Groups the verbs that look into checkpoints.</summary>
internal sealed class CheckpointCommand : Command
{
    public CheckpointCommand() : base("checkpoint", "looks into checkpoints and converts them")
    {
        Add(new CheckpointInspectVerb());
        Add(new CheckpointConvertVerb());
    }

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
