// dotnet pack -c Release -o artifacts/packages && dotnet run --project samples/FirstSteps tests/Goldens/checkpoints/sampled.npz
using CrossFormer.Formats;
using static TorchSharp.torch;

foreach (var (name, array) in Npz.Read(args[0]))
{
    using var values = tensor(array.ToSingles());
    Console.WriteLine($"{name}: {array}, mean {values.mean().item<float>():F4}");
}
