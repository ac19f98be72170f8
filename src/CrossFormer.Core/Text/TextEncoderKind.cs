namespace CrossFormer.Text;

/// <summary>The ways to turn text into a vector; in JSON by their names in lower case.</summary>
public enum TextEncoderKind
{
    /// <summary><see cref="EmbeddingTable"/>.</summary>
    Table,
    /// <summary><see cref="OnnxSentenceEncoder"/>.</summary>
    Onnx,
    /// <summary><see cref="CommandTextEncoder"/>.</summary>
    Command,
    /// <summary><see cref="HttpTextEncoder"/>.</summary>
    Http,
}
