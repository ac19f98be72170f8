using CrossFormer.Checkpoints.Hub;

namespace CrossFormer.Tests.Checkpoints.Hub;

public sealed class CheckpointLocationTests
{
    [Theory]
    [InlineData("some/folder")]
    [InlineData("/some/model.safetensors")]
    [InlineData("hf:/one/slash")]
    public async Task Folder_StaysWhatItIs(string checkpoint) =>
        Assert.Equal(checkpoint, await CheckpointLocation.ResolveAsync(checkpoint, cancellation: TestContext.Current.CancellationToken));

    [Fact]
    public void LoadPretrained_SaysWhoTakesAnAddress()
    {
        var exception = Assert.Throws<DirectoryNotFoundException>(() => CrossFormerModel.LoadPretrained("hf://rail-berkeley/crossformer"));

        Assert.Contains("CheckpointLocation.ResolveAsync", exception.Message);
    }

    [Theory]
    [InlineData("https://huggingface.co/rail-berkeley/crossformer")]
    [InlineData("gs://bucket/folder")]
    [InlineData("hf://crossformer")]
    public async Task OtherAddress_IsAnErrorThatSaysWhatIsExpected(string checkpoint)
    {
        var exception = await Assert.ThrowsAsync<FormatException>(() => CheckpointLocation.ResolveAsync(checkpoint, cancellation: TestContext.Current.CancellationToken));

        Assert.Contains("hf://owner/name", exception.Message);
    }
}
