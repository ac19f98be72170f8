using CrossFormer.Checkpoints.Hub;

namespace CrossFormer.Tests.Checkpoints.Hub;

public sealed class HubReferenceTests
{
    [Theory]
    [InlineData("hf://rail-berkeley/crossformer", "rail-berkeley", "crossformer", "main")]
    [InlineData("hf://rail-berkeley/octo-base-1.5@v1.0", "rail-berkeley", "octo-base-1.5", "v1.0")]
    [InlineData("hf://me/model@refs/pr/3", "me", "model", "refs/pr/3")]
    public void Parse_ReadsOwnerNameAndRevision(string address, string owner, string name, string revision)
    {
        var reference = HubReference.Parse(address);

        Assert.Equal((owner, name, revision), (reference.Owner, reference.Name, reference.Revision));
        Assert.Equal(address, reference.ToString());
    }

    [Theory]
    [InlineData("hf://crossformer")]
    [InlineData("hf://a/b/c")]
    [InlineData("hf://a/")]
    [InlineData("hf:///b")]
    [InlineData("hf://../b")]
    [InlineData("hf://a/..")]
    [InlineData("hf://a--b/c")]
    [InlineData("hf://a/b c")]
    [InlineData("hf://a/b@")]
    [InlineData("hf://a/b@../../x")]
    [InlineData("hf://a/b@x\\y")]
    [InlineData("hf://a/b@/etc")]
    [InlineData("a/b")]
    public void Parse_RefusesWhatIsNoRepository(string address)
    {
        var exception = Assert.Throws<FormatException>(() => HubReference.Parse(address));

        Assert.Contains("hf://owner/name@revision", exception.Message);
        Assert.Contains($"'{address}'", exception.Message);
    }
}
