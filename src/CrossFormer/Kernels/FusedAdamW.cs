using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;

namespace CrossFormer.Kernels;

/// <summary>One parameter with the optimizer's state. All contiguous, of one size.</summary>
/// <param name="Value">float32; overwritten.</param>
/// <param name="Gradient">float32; null where it is zero.</param>
/// <param name="First">First moment, bfloat16; overwritten.</param>
/// <param name="Second">Second moment, float32; overwritten.</param>
/// <param name="Decays">Whether weight decay acts on it.</param>
/// <param name="Average">Running average of the value, float32; overwritten. Null: none is kept.</param>
internal readonly record struct AdamWTensors(Tensor Value, Tensor? Gradient, Tensor First, Tensor Second, bool Decays, Tensor? Average = null);

/// <summary>The numbers of one AdamW update, in the precision in which the reference uses them.</summary>
/// <param name="GradientScale">Factor on the gradient: clipping.</param>
/// <param name="Beta1">Decay of the first moment as optax applies it: rounded to bfloat16, for the stored moment is bfloat16.</param>
/// <param name="Gain1">1 − β₁, of the β₁ that was not rounded.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Gain2">1 − β₂.</param>
/// <param name="Correction1">1 − β₁ⁿ.</param>
/// <param name="Correction2">1 − β₂ⁿ.</param>
/// <param name="Epsilon">Added to the root of the second moment.</param>
/// <param name="WeightDecay">Decoupled decay.</param>
/// <param name="LearningRate">Rate.</param>
/// <param name="AverageGain">Weight of the new value in its running average.</param>
internal readonly record struct AdamWNumbers(
    float GradientScale, float Beta1, float Gain1, float Beta2, float Gain2, float Correction1, float Correction2, float Epsilon, float WeightDecay, float LearningRate,
    float AverageGain = 0);

/// <summary>
/// AdamW with a bfloat16 first moment in one pass over memory, on all of torch's threads: 24 bytes a parameter (32 with
/// a running average) instead of several hundred. Every width gives the same bytes; sums of squares are taken per chunk and added in order, so they do not
/// depend on the number of threads. Devices other than the CPU take <see cref="Plain"/>.
/// </summary>
internal static unsafe class FusedAdamW
{
    private const int ChunkSize = 1 << 16;

    /// <summary>Updates all parameters.</summary>
    /// <returns>Sums of squares of the parameters before the update, and of what was added to them.</returns>
    public static (double Parameters, double Updates) Apply(IReadOnlyList<AdamWTensors> tensors, AdamWNumbers numbers)
    {
        if (tensors.Any(t => t.Value.device_type != DeviceType.CPU))
            return Plain(tensors, numbers);
        if (Instructions.HasAvx512)
            return Run<BFloat16x512, Vector512<float>>(tensors, numbers);
        return Instructions.HasAvx2 ? Run<BFloat16x256, Vector256<float>>(tensors, numbers) : Run<BFloat16x1, float>(tensors, numbers);
    }

    /// <summary>Σx² over all tensors, in chunks that are added in order.</summary>
    public static double SumOfSquares(IReadOnlyList<Tensor> tensors)
    {
        if (tensors.Any(t => t.device_type != DeviceType.CPU))
            return tensors.Sum(t => Scalars.Number(t.square().sum(ScalarType.Float64)));
        var chunks = Chunks([.. tensors.Select(t => t.numel())]);
        var sums = new double[chunks.Count];
        Each(chunks, (chunk, i) =>
        {
            fixed (byte* x = tensors[chunk.Tensor].bytes)
            {
                var p = (float*)x + chunk.First;
                sums[i] = Instructions.HasAvx512 ? Squares<BFloat16x512, Vector512<float>>(p, chunk.Count)
                    : Instructions.HasAvx2 ? Squares<BFloat16x256, Vector256<float>>(p, chunk.Count)
                    : Squares<BFloat16x1, float>(p, chunk.Count);
            }
        });
        return sums.Sum();
    }

    /// <summary>The same by torch's operators, equal but for the last bit.</summary>
    public static (double Parameters, double Updates) Plain(IReadOnlyList<AdamWTensors> tensors, AdamWNumbers numbers)
    {
        var (parameters, updates) = (0.0, 0.0);
        foreach (var (value, gradient, stored, second, decays, average) in tensors)
        {
            using var scope = NewDisposeScope();
            parameters += Scalars.Number(value.square().sum(ScalarType.Float64));
            var first = stored.mul(Scalars.Of(numbers.Beta1)).to(ScalarType.Float32);
            second.mul_(Scalars.Of(numbers.Beta2));
            if (gradient is not null)
            {
                var g = gradient * Scalars.Of(numbers.GradientScale);
                first.add_(g, Scalars.Of(numbers.Gain1));
                second.addcmul_(g, g, Scalars.Of(numbers.Gain2));
            }

            stored.copy_(first);
            var update = first.div_(Scalars.Of(numbers.Correction1)).div_(second.div(Scalars.Of(numbers.Correction2)).sqrt_().add_(Scalars.Of(numbers.Epsilon)));
            if (decays)
                update.add_(value, Scalars.Of(numbers.WeightDecay));
            update.mul_(Scalars.Of(-numbers.LearningRate));
            updates += Scalars.Number(update.square().sum(ScalarType.Float64));
            value.add_(update);
            average?.add_(value - average, Scalars.Of(numbers.AverageGain));
        }

        return (parameters, updates);
    }

    internal static (double Parameters, double Updates) Run<TLanes, TVector>(IReadOnlyList<AdamWTensors> tensors, AdamWNumbers numbers)
        where TLanes : struct, ILanes<TVector, ushort>
        where TVector : unmanaged
    {
        var chunks = Chunks([.. tensors.Select(t => t.Value.numel())]);
        var sums = new (double Parameters, double Updates)[chunks.Count];
        Each(chunks, (chunk, i) =>
        {
            var t = tensors[chunk.Tensor];
            fixed (byte* value = t.Value.bytes, gradient = t.Gradient is null ? default : t.Gradient.bytes, first = t.First.bytes, second = t.Second.bytes, average = t.Average is null ? default : t.Average.bytes)
            {
                float* p = (float*)value + chunk.First, g = gradient is null ? null : (float*)gradient + chunk.First, v = (float*)second + chunk.First;
                var a = average is null ? null : (float*)average + chunk.First;
                var m = (ushort*)first + chunk.First;
                var n = numbers with { WeightDecay = t.Decays ? numbers.WeightDecay : 0 };
                var whole = chunk.Count - chunk.Count % TLanes.Count;
                var body = Update<TLanes, TVector>(p, g, m, v, a, whole, n);
                var rest = Update<BFloat16x1, float>(p + whole, g is null ? null : g + whole, m + whole, v + whole, a is null ? null : a + whole, chunk.Count - whole, n);
                sums[i] = (body.Parameters + rest.Parameters, body.Updates + rest.Updates);
            }
        });
        return (sums.Sum(s => s.Parameters), sums.Sum(s => s.Updates));
    }

    private static (double Parameters, double Updates) Update<TLanes, TVector>(float* p, float* g, ushort* m, float* v, float* a, int count, AdamWNumbers numbers)
        where TLanes : struct, ILanes<TVector, ushort>
        where TVector : unmanaged
    {
        var (beta1, gain1, beta2, gain2) = (TLanes.Broadcast(numbers.Beta1), TLanes.Broadcast(numbers.Gain1), TLanes.Broadcast(numbers.Beta2), TLanes.Broadcast(numbers.Gain2));
        var (correction1, correction2, epsilon) = (TLanes.Broadcast(numbers.Correction1), TLanes.Broadcast(numbers.Correction2), TLanes.Broadcast(numbers.Epsilon));
        var (decay, rate, scale, averageGain) = (TLanes.Broadcast(numbers.WeightDecay), TLanes.Broadcast(-numbers.LearningRate), TLanes.Broadcast(numbers.GradientScale), TLanes.Broadcast(numbers.AverageGain));
        TVector parameters = TLanes.Zero, updates = TLanes.Zero;
        for (var i = 0; i < count; i += TLanes.Count)
        {
            var value = TLanes.LoadFloat(p + i);
            var first = TLanes.Round(TLanes.Multiply(TLanes.Load(m + i), beta1));
            var second = TLanes.Multiply(TLanes.LoadFloat(v + i), beta2);
            if (g is not null)
            {
                var gradient = TLanes.Multiply(TLanes.LoadFloat(g + i), scale);
                first = TLanes.MultiplyAdd(gradient, gain1, first);
                second = TLanes.MultiplyAdd(TLanes.Multiply(gradient, gradient), gain2, second);
            }

            TLanes.Store(m + i, first);
            TLanes.StoreFloat(v + i, second);
            var update = TLanes.Divide(TLanes.Divide(first, correction1), TLanes.Add(TLanes.SquareRoot(TLanes.Divide(second, correction2)), epsilon));
            update = TLanes.Multiply(TLanes.MultiplyAdd(value, decay, update), rate);
            parameters = TLanes.MultiplyAdd(value, value, parameters);
            updates = TLanes.MultiplyAdd(update, update, updates);
            value = TLanes.Add(value, update);
            TLanes.StoreFloat(p + i, value);
            if (a is not null)
            {
                var average = TLanes.LoadFloat(a + i);
                TLanes.StoreFloat(a + i, TLanes.MultiplyAdd(TLanes.Subtract(value, average), averageGain, average));
            }
        }

        return (TLanes.Sum(parameters), TLanes.Sum(updates));
    }

    private static double Squares<TLanes, TVector>(float* x, int count)
        where TLanes : struct, ILanes<TVector, ushort>
        where TVector : unmanaged
    {
        var sum = TLanes.Zero;
        var i = 0;
        for (; i <= count - TLanes.Count; i += TLanes.Count)
            sum = TLanes.MultiplyAdd(TLanes.LoadFloat(x + i), TLanes.LoadFloat(x + i), sum);
        double total = TLanes.Sum(sum);
        for (; i < count; i++)
            total += (double)x[i] * x[i];
        return total;
    }

    private static List<Chunk> Chunks(long[] counts)
    {
        var chunks = new List<Chunk>();
        for (var t = 0; t < counts.Length; t++)
        {
            for (var first = 0L; first < counts[t]; first += ChunkSize)
                chunks.Add(new Chunk(t, first, (int)Math.Min(ChunkSize, counts[t] - first)));
        }

        return chunks;
    }

    private static void Each(List<Chunk> chunks, Action<Chunk, int> body) =>
        Parallel.For(0, chunks.Count, new ParallelOptions { MaxDegreeOfParallelism = get_num_threads() }, i => body(chunks[i], i));

    private readonly record struct Chunk(int Tensor, long First, int Count);
}
