using CrossFormer.Arrays;

namespace CrossFormer.Text;

/// <summary>
/// Turns an instruction into the vector that the model's language tokenizer reads. A model works only with the encoder
/// that it was trained with: another one's vectors have the right size and no meaning. Safe to call from many threads.
/// </summary>
public interface ITextEncoder : IDisposable
{
    /// <summary>Identity of the encoder's function: two of equal name give equal vectors, so caches may be keyed by it.</summary>
    string Name { get; }

    /// <summary>Length of every vector; 512 for the Universal Sentence Encoder.</summary>
    int Dimension { get; }

    /// <summary>Encodes one text.</summary>
    /// <param name="text">Any text; the empty one stands for "no instruction".</param>
    /// <returns>float32 [<see cref="Dimension"/>], the caller's own.</returns>
    /// <exception cref="UnknownTextException">A table does not know the text.</exception>
    /// <exception cref="TextEncoderException">An external encoder failed.</exception>
    float[] Encode(string text);

    /// <summary>Encodes each text as <see cref="Encode"/> does.</summary>
    /// <returns>float32 [N, <see cref="Dimension"/>].</returns>
    NdArray EncodeBatch(IReadOnlyList<string> texts)
    {
        var vectors = new float[checked(texts.Count * Dimension)];
        for (var i = 0; i < texts.Count; i++)
            Encode(texts[i]).CopyTo(vectors.AsSpan(i * Dimension));
        return NdArray.From(vectors, texts.Count, Dimension);
    }
}
