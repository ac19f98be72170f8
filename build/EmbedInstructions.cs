// Every instruction that the simulated robots may get, and the empty one, as a table of a sentence encoder's vectors.
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

EmbeddingTable.Build(texts.Distinct().Select(t => (t, encoder.Encode(t)))).Save(output);
Console.WriteLine($"{output}: {texts.Distinct().Count()} texts");
return 0;
