using CrossFormer.Parameters;
using TorchSharp;
using static TorchSharp.torch;

namespace CrossFormer.Training.Tests.Gates;

/// <summary>
/// Finds the gates of an encoder that the reference's rounding set the other way. A gradient is one smooth function for each state of all
/// ReLUs; where a ReLU's input is smaller than rounding its state is not determined, and turning it changes all gradients below it by far
/// more than rounding does. What each undecided gate would change is known from one backward pass from it downwards; the difference
/// to the goldens, nine numbers for each of 99 gradients, is written as a sum of such changes by least squares. A gate whose share comes
/// out nearer to one than to zero is turned. Some hundred bits face nine hundred numbers: what no gate explains is not explained.
/// </summary>
internal sealed class GateSearch(GatedResNet encoder, Tensor gradient, IReadOnlyList<Parameter> parameters, IReadOnlyList<GoldenGradient> goldens)
{
    // The reference adds up the values of a group, up to 25,000, one after the other in float32. Done so here, its distance from
    // float64 is three to eight times that of the kernel's sums.
    private const double Deviations = 12;

    // Turning one gate moves what turning another changes, by up to a tenth: what is left is explained in further rounds.
    private const int Rounds = 4;

    /// <summary>Leaves the gates turned and the gradients in the parameters.</summary>
    /// <returns>The gates that were turned, and how many were undecided.</returns>
    public (IReadOnlyCollection<Gate> Turned, int Undecided) Run()
    {
        var (turned, undecided) = (new HashSet<Gate>(), 0);
        for (var round = 0; round < Rounds; round++)
        {
            using var scope = NewDisposeScope();
            var layers = Backward();
            var missing_N = tensor(parameters.Zip(goldens).SelectMany(p => p.Second.Differences(p.First.Value.grad!).Select(d => -d)).ToArray());
            if (missing_N.abs().max().ToDouble() <= 1)
                break;
            var (gates, changes_GN) = Changes(layers);
            undecided = Math.Max(undecided, gates.Count);
            // The identity leaves a gate that changes nothing without a share.
            var shares = linalg.solve(changes_GN.mm(changes_GN.t()) + eye(gates.Count, dtype: ScalarType.Float64), changes_GN.mv(missing_N)).data<double>().ToArray();
            var chosen = gates.Where((_, i) => shares[i] > 0.5).ToArray();
            if (chosen.Length == 0)
                break;
            foreach (var gate in chosen)
            {
                encoder.Turn(gate);
                if (!turned.Remove(gate))
                    turned.Add(gate);
            }
        }

        using var last = NewDisposeScope();
        Backward();
        foreach (var parameter in parameters)
            parameter.Value.grad!.DetachFromDisposeScope();
        return (turned, undecided);
    }

    /// <summary>The undecided gates, and what turning each would change: [gates, numbers], in shares of what is allowed.</summary>
    private (List<Gate> Gates, Tensor Changes) Changes(IReadOnlyList<GatedResNet.Layer> layers)
    {
        var values = parameters.Select(p => p.Value).ToArray();
        var gradients = values.Select(v => v.grad!.clone()).ToArray();
        var current = gradients.Zip(goldens).Select(g => g.Second.Differences(g.First)).ToArray();
        var (gates, changes) = (new List<Gate>(), new List<double>());
        foreach (var (layer, exact) in layers.Zip(encoder.Exact()))
        {
            using var scope = NewDisposeScope();
            var noise = (layer.Before.detach() - exact).square().mean().sqrt().ToDouble();
            var passing = layer.After.grad!.flatten();
            foreach (var gate in layer.Undecided(Deviations * noise))
            {
                using var gateScope = NewDisposeScope();
                var change = passing[gate.Index].ToSingle() * (encoder.IsOpen(gate) ? -1 : 1);
                if (change == 0)
                    continue;
                gates.Add(gate);
                var source = zeros(layer.Before.numel()).index_fill_(0, tensor(gate.Index), change).view(layer.Before.shape);
                var added = autograd.grad([layer.Before], values, [source], retain_graph: true, allow_unused: true);
                for (var i = 0; i < values.Length; i++)
                {
                    changes.AddRange(added[i] is { IsInvalid: false } more
                        ? goldens[i].Differences(gradients[i] + more).Zip(current[i], (after, before) => after - before)
                        : new double[current[i].Length]);
                }
            }
        }

        return (gates, tensor(changes.ToArray()).view(gates.Count, -1));
    }

    private List<GatedResNet.Layer> Backward()
    {
        foreach (var parameter in parameters)
            parameter.Value.grad = null;
        var layers = new List<GatedResNet.Layer>();
        encoder.Forward(layers).backward([gradient], retain_graph: true);
        return layers;
    }
}
