namespace CrossFormer.Text;

/// <summary>An external text encoder gave no usable vector: it is not there, failed, took too long or answered wrongly.</summary>
public sealed class TextEncoderException : IOException
{
    /// <summary>Builds the message <c>ENCODER: PROBLEM</c>.</summary>
    /// <param name="encoder">The command or the endpoint.</param>
    /// <param name="problem">What was expected and what was found.</param>
    /// <param name="inner">The cause.</param>
    public TextEncoderException(string encoder, string problem, Exception? inner = null) : base($"{encoder}: {problem}", inner) => Encoder = encoder;

    /// <summary>The command or the endpoint.</summary>
    public string Encoder { get; }
}
