// Opens a checkpoint and asks for one chunk of actions:
// dotnet pack CrossFormer.slnx -c Release -o artifacts/packages && dotnet run --project samples/FirstSteps tests/Goldens/checkpoints/msgpack
using CrossFormer;
using CrossFormer.Arrays;
using CrossFormer.Policies;

using var model = CrossFormerModel.LoadPretrained(args[0]);
Console.WriteLine(model.GetSpec());
var size = model.GetSpec().Observations["image_primary"].Shape;
var arm = EmbodimentProfile.Load("single_arm") with { Cameras = [new("image_primary", "my camera", size[2]!.Value, size[3]!.Value)] };
using var policy = new CrossFormerPolicy(model, arm);
var picture = new Dictionary<string, NdArray> { ["image_primary"] = NdArray.Zeros(DType.UInt8, 480, 640, 3) };
policy.Reset(new PolicyTask(instruction: null, goalImages: picture));
var chunk = policy.Predict(new Observation(TimeSpan.Zero, picture));
Console.WriteLine($"{chunk}, the first: {string.Join(' ', chunk[0].ToArray())}");
