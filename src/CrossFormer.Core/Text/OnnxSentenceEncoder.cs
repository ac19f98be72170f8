using System.IO.Hashing;
using CrossFormer.Formats;
using Microsoft.ML.OnnxRuntime;

namespace CrossFormer.Text;

/// <summary>
/// A BERT-like sentence encoder in ONNX: a folder with <c>model.onnx</c> and <c>vocab.txt</c> or <c>tokenizer.json</c>
/// (WordPiece, uncased). The vector is the mean of the last hidden state over all tokens, scaled to length 1.
/// </summary>
public sealed class OnnxSentenceEncoder : ITextEncoder
{
    private readonly InferenceSession _session;
    private readonly WordPiece _tokenizer;
    private readonly string _output;
    private readonly string _folder;

    /// <summary>Loads the model.</summary>
    /// <param name="folder">Holds <c>model.onnx</c> with int64 [batch, sequence] inputs <c>input_ids</c>, <c>attention_mask</c> and, if
    /// it wants them, <c>token_type_ids</c>, and a float32 [batch, sequence, D] output <c>last_hidden_state</c>.</param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="CorruptFileException">The model or the vocabulary cannot be used; says why.</exception>
    public OnnxSentenceEncoder(string folder)
    {
        _folder = folder;
        var model = Path.Combine(folder, "model.onnx");
        if (!File.Exists(model))
            throw new FileNotFoundException($"{folder} holds no model.onnx.", model);
        var (vocabularyPath, pieces) = WordPieceVocabulary.Read(folder);
        try
        {
            _tokenizer = new WordPiece(pieces);
        }
        catch (ArgumentException e)
        {
            throw new CorruptFileException(vocabularyPath, 0, e.Message, e);
        }

        using var options = new SessionOptions();
        // x86 without VNNI saturates int8 products at 16 bits else.
        options.AddSessionConfigEntry("session.x64quantprecision", "1");
        // The model's threads would spin between instructions, on the cores of the control loop.
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        var bytes = File.ReadAllBytes(model);
        try
        {
            _session = new InferenceSession(bytes, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new CorruptFileException(model, 0, $"no usable ONNX model ({e.Message})", e);
        }

        try
        {
            _output = CheckInterface(model);
            Name = $"onnx:{Hash(bytes, File.ReadAllBytes(vocabularyPath))}";
            var declared = _session.OutputMetadata[_output].Dimensions[^1];
            Dimension = declared > 0 ? declared : Encode("").Length;
        }
        catch
        {
            _session.Dispose();
            throw;
        }
    }

    /// <summary><c>onnx:</c> and a hash of the model and its vocabulary.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public int Dimension { get; }

    /// <summary>Encodes one text; what exceeds 254 word pieces is cut off.</summary>
    /// <remarks>
    /// <see cref="ITextEncoder.EncodeBatch"/> runs text by text on purpose: the activation scales of an int8 model span the
    /// whole batch and its padding, so a vector would depend on its neighbours (cosine down to 0.97).
    /// </remarks>
    /// <param name="text">Any text.</param>
    /// <returns>float32 [<see cref="Dimension"/>] of length 1.</returns>
    public float[] Encode(string text)
    {
        var ids = _tokenizer.Encode(text);
        var (mask, types) = (new long[ids.Length], new long[ids.Length]);
        Array.Fill(mask, 1);
        long[] shape = [1, ids.Length];
        using var idsValue = OrtValue.CreateTensorValueFromMemory(ids, shape);
        using var maskValue = OrtValue.CreateTensorValueFromMemory(mask, shape);
        using var typesValue = OrtValue.CreateTensorValueFromMemory(types, shape);
        var names = _session.InputNames;
        OrtValue Value(string name) => name switch { "input_ids" => idsValue, "attention_mask" => maskValue, _ => typesValue };
        using var run = new RunOptions();
        using var results = _session.Run(run, names, [.. names.Select(Value)], [_output]);
        var hidden = results[0].GetTensorDataAsSpan<float>();
        var width = hidden.Length / ids.Length;
        return Pool(hidden, ids.Length, width);
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"{_folder} ({Name}, {Dimension} dimensions)";

    internal long[] TokenIds(string text) => _tokenizer.Encode(text);

    private static float[] Pool(ReadOnlySpan<float> hidden, int tokens, int width)
    {
        var mean = new float[width];
        for (var t = 0; t < tokens; t++)
        {
            for (var i = 0; i < width; i++)
                mean[i] += hidden[(t * width) + i];
        }

        double squares = 0;
        for (var i = 0; i < width; i++)
        {
            mean[i] /= tokens;
            squares += (double)mean[i] * mean[i];
        }

        var norm = (float)Math.Max(Math.Sqrt(squares), 1e-12);
        for (var i = 0; i < width; i++)
            mean[i] /= norm;
        return mean;
    }

    private string CheckInterface(string model)
    {
        var inputs = _session.InputNames;
        var unknown = inputs.Except(["input_ids", "attention_mask", "token_type_ids"]).ToArray();
        if (!inputs.Contains("input_ids") || !inputs.Contains("attention_mask") || unknown.Length > 0)
            throw new CorruptFileException(model, 0, $"expected inputs input_ids, attention_mask and perhaps token_type_ids, found {string.Join(", ", inputs)}");
        if (!_session.OutputMetadata.TryGetValue("last_hidden_state", out var output) || output.ElementType != typeof(float) || output.Dimensions.Length != 3)
        {
            throw new CorruptFileException(
                model, 0, $"expected a float32 output last_hidden_state [batch, sequence, D], found {string.Join(", ", _session.OutputMetadata.Select(o => $"{o.Key} of rank {o.Value.Dimensions?.Length}"))}");
        }

        return "last_hidden_state";
    }

    private static string Hash(params byte[][] parts)
    {
        var hash = new XxHash128();
        foreach (var part in parts)
            hash.Append(part);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
