using CrossFormer.Images;

namespace CrossFormer.Core.Tests.Images;

public class NativeLibraryFinderTests
{
    [Fact]
    public void Load_SaysWhatToRunWhenALibraryIsMissing()
    {
        var error = Assert.Throws<DllNotFoundException>(() => NativeLibraryFinder.Load("Nonesuch", "CROSSFORMER_TEST_UNSET", "libnonesuch.so.9", "libnonesuch.so"));
        Assert.Contains("Nonesuch (libnonesuch.so.9, libnonesuch.so)", error.Message);
        Assert.Contains("Run build/install-native.sh, or set CROSSFORMER_TEST_UNSET", error.Message);
    }

    [Fact]
    public void Load_TriesNothingElseWhenTheVariableIsWrong()
    {
        Environment.SetEnvironmentVariable("CROSSFORMER_TEST_WRONG", "/no/such/library.so");
        var error = Assert.Throws<DllNotFoundException>(() => NativeLibraryFinder.Load("TurboJPEG", "CROSSFORMER_TEST_WRONG", "libturbojpeg.so.0"));
        Assert.Contains("CROSSFORMER_TEST_WRONG is '/no/such/library.so'", error.Message);
    }

    [Fact]
    public void Load_ReadsTheFileThatTheVariableNames()
    {
        var (_, found) = NativeLibraryFinder.Load("TurboJPEG", "CROSSFORMER_TEST_UNSET", "libturbojpeg.so.0");
        Environment.SetEnvironmentVariable("CROSSFORMER_TEST_NAMED", found);
        var (handle, path) = NativeLibraryFinder.Load("TurboJPEG", "CROSSFORMER_TEST_NAMED", "libnonesuch.so");
        Assert.NotEqual(0, handle);
        Assert.Equal(found, path);
    }
}
