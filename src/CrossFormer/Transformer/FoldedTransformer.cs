// R rows of the sequence · E embedding · H heads · K head dim · N tokens in group · T window step
using CrossFormer.Layers;
using CrossFormer.Parameters;
using static TorchSharp.torch;

namespace CrossFormer.Transformer;

/// <summary>
/// The transformer made ready to act for one sample and one readout. Exact but for rounding; its plain twin is
/// <see cref="BlockTransformer.Forward"/> with a mask. What it does not compute:
/// <list type="bullet">
/// <item>Masked tokens. Nothing valid attends to them, so they are left out of the sequence.</item>
/// <item>Other heads' readouts, which nothing attends to.</item>
/// <item>Masked pairs. Rows lie in the order [last step's observations, …, first step's | task | first step's readouts, …, last
/// step's]. Attention does not care for the order of keys, and in this one the keys of every group are one contiguous
/// range: an observation of step t sees its own step up to the task's end, a readout of step t from step t's observations to its
/// own step's readouts. So no mask is needed, and only allowed pairs are multiplied.</item>
/// <item>In the last layer, everything but the last step's readout rows: only they are read (keys and values still come from all).</item>
/// </list>
/// The residual stream stays float32; with bfloat16 only the matrix products are rounded.
/// </summary>
internal sealed class FoldedTransformer : IDisposable
{
    private readonly FoldedWeights _weights = new();
    private readonly ScalarType _precision;
    private readonly FoldedBlock[] _blocks;
    private readonly Tensor _normScale, _normBias;
    private readonly long _heads;
    private readonly bool _repeatPositions;

    public FoldedTransformer(TransformerEncoder encoder, TransformerConfiguration configuration, ScalarType precision)
    {
        (_precision, _heads, _repeatPositions) = (precision, configuration.Heads, configuration.RepeatPositionEncoding);
        using var none = no_grad();
        using var scope = NewDisposeScope();
        _blocks = [.. encoder.Blocks.Select(Fold)];
        (_normScale, _normBias) = (_weights.Copy(encoder.Norm.Scale.Value), _weights.Copy(encoder.Norm.Bias.Value));
    }

    /// <summary>Runs the window.</summary>
    /// <param name="sequence">Tokens and positions of what is valid.</param>
    /// <returns>float32 [N, E]: the last step's readout tokens.</returns>
    public Tensor Forward(ActingSequence sequence)
    {
        using var scope = NewDisposeScope();
        var (x_RE, position_RE, segments) = sequence.Assemble();
        if (!_repeatPositions)
            x_RE = x_RE + position_RE;
        var kept = segments[^1];
        for (var i = 0; i < _blocks.Length; i++)
        {
            x_RE = i < _blocks.Length - 1
                ? Block(_blocks[i], x_RE, position_RE, segments, 0)
                : Block(_blocks[i], x_RE, position_RE, [kept], kept.First);
        }

        return nn.functional.layer_norm(x_RE, [x_RE.shape[1]], _normScale, _normBias, LayerNorm.Epsilon).MoveToOuterDisposeScope();
    }

    public void Dispose() => _weights.Dispose();

    /// <summary>One block; queries, residual and MLP only for the rows from <paramref name="firstRow"/> on, which the segments cover.</summary>
    private Tensor Block(FoldedBlock block, Tensor x_RE, Tensor position_RE, IReadOnlyList<AttentionSegment> segments, long firstRow)
    {
        using var scope = NewDisposeScope();
        var (rows, embedding) = (x_RE.shape[0], x_RE.shape[1]);
        var n_RE = nn.functional.layer_norm(x_RE, [embedding], block.AttentionScale, block.AttentionBias, LayerNorm.Epsilon);
        var qk_RE = (_repeatPositions ? n_RE + position_RE : n_RE).to(_precision);
        var v_HRK = Heads(nn.functional.linear(n_RE.to(_precision), block.Value, block.ValueBias));
        Tensor q_HRK, k_HRK;
        if (firstRow == 0)
        {
            var qk_R2E = nn.functional.linear(qk_RE, block.QueryKey, block.QueryKeyBias);
            (q_HRK, k_HRK) = (Heads(qk_R2E.narrow(1, 0, embedding)), Heads(qk_R2E.narrow(1, embedding, embedding)));
        }
        else
        {
            q_HRK = Heads(nn.functional.linear(qk_RE.narrow(0, firstRow, rows - firstRow), block.QueryKey.narrow(0, 0, embedding), block.QueryKeyBias.narrow(0, 0, embedding)));
            k_HRK = Heads(nn.functional.linear(qk_RE, block.QueryKey.narrow(0, embedding, embedding), block.QueryKeyBias.narrow(0, embedding, embedding)));
        }

        var attended = new List<Tensor>(segments.Count);
        foreach (var segment in segments)
        {
            attended.Add(nn.functional.scaled_dot_product_attention(
                q_HRK.narrow(2, segment.First - firstRow, segment.Count), k_HRK.narrow(2, segment.FirstKey, segment.KeyCount), v_HRK.narrow(2, segment.FirstKey, segment.KeyCount)));
        }

        var a_RE = cat(attended, 2).squeeze(0).transpose(0, 1).reshape(rows - firstRow, embedding);
        var kept_RE = firstRow == 0 ? x_RE : x_RE.narrow(0, firstRow, rows - firstRow);
        var y_RE = kept_RE + nn.functional.linear(a_RE, block.Out, block.OutBias);
        var m_RE = nn.functional.layer_norm(y_RE, [embedding], block.MlpScale, block.MlpBias, LayerNorm.Epsilon).to(_precision);
        var hidden = nn.functional.gelu(nn.functional.linear(m_RE, block.Up, block.UpBias), TorchSharp.Modules.GELU.Approximate.tanh);
        return y_RE.add_(nn.functional.linear(hidden, block.Down, block.DownBias)).MoveToOuterDisposeScope();

        Tensor Heads(Tensor t_RE) => t_RE.view(1, t_RE.shape[0], _heads, embedding / _heads).transpose(1, 2);
    }

    private FoldedBlock Fold(EncoderBlock block)
    {
        using var scope = NewDisposeScope();
        var attention = block.Attention;
        return new FoldedBlock(
            _weights.Copy(block.AttentionNorm.Scale.Value), _weights.Copy(block.AttentionNorm.Bias.Value),
            Weight(cat([Flat(attention.Query.Kernel), Flat(attention.Key.Kernel)], 1)), Bias(cat([attention.Query.Bias.Value.flatten(), attention.Key.Bias.Value.flatten()])),
            Weight(Flat(attention.Value.Kernel)), Bias(attention.Value.Bias.Value.flatten()),
            Weight(attention.OutKernel.Merged().flatten(0, 1)), Bias(attention.OutBias.Value),
            _weights.Copy(block.MlpNorm.Scale.Value), _weights.Copy(block.MlpNorm.Bias.Value),
            Weight(block.Mlp.Up.Kernel.Merged()), Bias(block.Mlp.Up.Bias.Value),
            Weight(block.Mlp.Down.Kernel.Merged()), Bias(block.Mlp.Down.Bias.Value));

        static Tensor Flat(Parameter kernel) => kernel.Merged().flatten(1);
        Tensor Weight(Tensor kernel_IO) => _weights.Copy(kernel_IO.t(), _precision);
        Tensor Bias(Tensor bias) => _weights.Copy(bias, _precision);
    }

    private sealed record FoldedBlock(
        Tensor AttentionScale, Tensor AttentionBias, Tensor QueryKey, Tensor QueryKeyBias, Tensor Value, Tensor ValueBias, Tensor Out, Tensor OutBias,
        Tensor MlpScale, Tensor MlpBias, Tensor Up, Tensor UpBias, Tensor Down, Tensor DownBias);
}
