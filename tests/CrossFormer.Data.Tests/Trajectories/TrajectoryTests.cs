using CrossFormer.Arrays;
using CrossFormer.Data.Rlds;
using CrossFormer.Data.Trajectories;

namespace CrossFormer.Data.Tests.Trajectories;

public class TrajectoryTests
{
    private static Trajectory Three() => new Trajectory("toy", 3)
        .With("observation/state", NdArray.From([1f, 2, 3, 4, 5, 6], 3, 2))
        .With("action/move", NdArray.From([1, 2, 3], 3))
        .With("action/grip/closed", NdArray.From([true, false, true], 3))
        .With("language_instruction", new TrajectoryTexts(["a", "ö", ""]));

    [Fact]
    public void With_ReplacesAFolderByAColumn()
    {
        var changed = Three().With("action", NdArray.From([7f, 8, 9], 3));
        Assert.Equal(["observation/state", "language_instruction", "action"], changed.Names);
    }

    [Fact]
    public void With_RefusesANameBelowAColumn() =>
        Assert.Throws<ArgumentException>(() => Three().With("action/move/x", NdArray.From([7f, 8, 9], 3)));

    [Fact]
    public void With_RefusesAnotherLength()
    {
        var error = Assert.Throws<ArgumentException>(() => Three().With("action", NdArray.From([7f, 8], 2)));
        Assert.Contains("has 2 steps, the trajectory 3", error.Message);
    }

    [Fact]
    public void Change_LeavesTheOriginalAlone()
    {
        var three = Three();
        three.With("action", NdArray.From([7f, 8, 9], 3));
        three.Without("action");
        Assert.Equal(Three().Names, three.Names);
    }

    [Fact]
    public void Rename_MovesAFolderWhole() =>
        Assert.Equal(["observation/state", "language_instruction", "act/move", "act/grip/closed"], Three().Rename("action", "act").Names);

    [Fact]
    public void Rename_ReplacesWhatHadTheName() =>
        Assert.Equal([1, 2, 3], Three().Rename("action/move", "language_instruction").Numbers("language_instruction").AsSpan<int>());

    [Fact]
    public void Keep_TakesColumnsAndFolders() =>
        Assert.Equal(["action/move", "action/grip/closed", "language_instruction"], Three().Keep("action", "language_instruction", "reward").Names);

    [Fact]
    public void Slice_CutsEveryColumnAlike()
    {
        var cut = Three().Slice(1, 2);
        Assert.Equal(2, cut.Length);
        Assert.Equal([3f, 4, 5, 6], cut.Numbers("observation/state").AsSpan<float>());
        Assert.Equal("ö", cut.Texts("language_instruction").Text(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Three().Slice(2, 2));
    }

    [Fact]
    public void Gather_RepeatsAndReorders()
    {
        var gathered = Three().Gather([2, 0, 0]);
        Assert.Equal([5f, 6, 1, 2, 1, 2], gathered.Numbers("observation/state").AsSpan<float>());
        Assert.Equal([true, true, true], gathered.Numbers("action/grip/closed").AsSpan<bool>());
        Assert.Equal(["", "a", "a"], Enumerable.Range(0, 3).Select(gathered.Texts("language_instruction").Text));
        Assert.Throws<ArgumentOutOfRangeException>(() => Three().Gather([3]));
    }

    [Fact]
    public void Index_NamesWhatThereIs()
    {
        var error = Assert.Throws<KeyNotFoundException>(() => Three()["actoin"]);
        Assert.Contains("toy: there is no 'actoin'; there are observation/state, action/move", error.Message);
    }

    [Fact]
    public void Numbers_RefusesTexts() =>
        Assert.Contains("string[3]", Assert.Throws<InvalidOperationException>(() => Three().Numbers("language_instruction")).Message);

    [Fact]
    public void From_KeepsStepsAndRepeatsTheEpisodesOwnFeatures()
    {
        var episode = RldsDataset.Open(Testing.Goldens.SharedPath("data", "bridge")).ReadEpisode("val", 0);
        var trajectory = Trajectory.From(episode, "bridge_dataset");
        Assert.Equal(10, trajectory.Length);
        Assert.Equal([10, 7], trajectory.Numbers("action").Shape);
        Assert.Equal(10, trajectory.Images("observation/image_0").Length);
        Assert.Equal(episode.Steps.Texts("language_instruction")[3], trajectory.Texts("language_instruction").Text(3));
        Assert.Equal(episode.Metadata.Texts("episode_metadata/file_path")[0], trajectory.Texts("traj_metadata/episode_metadata/file_path").Text(9));
    }
}
