using System.CommandLine;

namespace CrossFormer.Cli.Verbs;

/// <summary>Groups the verbs that measure.</summary>
internal sealed class BenchCommand : Command
{
    public BenchCommand() : base("bench", "measures speed and memory")
    {
        Add(new BenchActVerb());
        Add(new BenchDataVerb());
        Add(new BenchTrainVerb());
    }
}
