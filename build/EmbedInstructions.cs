// Every instruction that the simulated robots may get, and the empty one, as a table of a sentence encoder's vectors, drawn apart.
//   dotnet run build/EmbedInstructions.cs -- ../shared/data/text configs/sim_instructions.safetensors
// The encoder is the folder of an ONNX sentence encoder (docs/text-encoders.md).
#:project ../src/CrossFormer.Simulation
#:property GenerateDocumentationFile=true
#:property RestorePackagesWithLockFile=false
#:property PublishAot=false
using CrossFormer.Simulation;
using CrossFormer.Text;

if (args is not [var folder, var output])
{
    Console.Error.WriteLine("usage: dotnet run build/EmbedInstructions.cs -- ENCODER OUTPUT.safetensors");
    return 2;
}

using var encoder = new OnnxSentenceEncoder(folder);
var texts = new List<string> { "" };
foreach (var task in Suite.Names.Concat(Suite.HeldOut))
{
    using var robot = new SimulatedEnvironment(task, render: false);
    texts.AddRange(robot.Instructions);
}

string[] phrases = [.. texts.Distinct()];
EmbeddingTable.Build(phrases.Zip(Spread([.. phrases.Select(encoder.Encode)]))).Save(output);
Console.WriteLine($"{output}: {phrases.Length} texts");
return 0;

// To a sentence encoder such phrases are nearly alike: between those about two colours a component differs by 0.02, and what begins at zero
// takes long to notice. As deviations from their mean, in units of their own spread, they differ by 0.4.
static float[][] Spread(float[][] vectors)
{
    float[] mean = [.. Enumerable.Range(0, vectors[0].Length).Select(d => vectors.Average(v => v[d]))];
    var deviations = vectors.Select(v => v.Zip(mean, (x, m) => x - m).ToArray()).ToArray();
    var spread = Math.Sqrt(deviations.Average(v => v.Average(x => (double)x * x)));
    return [.. deviations.Select(v => v.Select(x => (float)(x / spread)).ToArray())];
}
