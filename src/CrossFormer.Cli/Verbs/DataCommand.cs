using System.CommandLine;
using CrossFormer.Data.Rlds;

namespace CrossFormer.Cli.Verbs;

/// <summary>Groups the verbs that look into datasets, convert and change them.</summary>
internal sealed class DataCommand : Command
{
    public DataCommand() : base("data", "looks into datasets, converts and changes them")
    {
        Add(new DataInspectVerb());
        Add(new DataStatsVerb());
        Add(new DataConvertVerb());
        Add(new DataModifyVerb());
    }

    /// <summary>A dataset on disk.</summary>
    public static Argument<string> Folder() => new("DIR") { Description = "an RLDS dataset's folder, or the folder of one of its versions" };

    /// <summary>What to do about damaged records: false ends at the first. See <see cref="Reading"/>.</summary>
    public static Option<bool> SkipBad() => new("--skip-bad") { Description = "pass over damaged records, counting and naming them" };

    /// <summary>Reading that notes on the terminal what it skips.</summary>
    public static RldsReadOptions Reading(bool skipBad, Terminal terminal) => new()
    {
        SkipBad = skipBad,
        OnSkipped = (records, problem) => terminal.Note($"skipped {(records == 1 ? "a record" : $"{records} records")}: {problem.Message}"),
    };
}
