using CrossFormer.Cli.Acting;
using CrossFormer.Policies;
using CrossFormer.Simulation;
using CrossFormer.Text;
using static TorchSharp.torch;

namespace CrossFormer.Cli.Simulated;

/// <summary>A checkpoint as the policy of simulated robots: one model, a policy for each robot.</summary>
internal sealed class SimulatedPolicies : IDisposable
{
    private readonly CrossFormerModel _model;
    private readonly ITextEncoder? _text;
    private readonly Precision _precision;

    /// <summary>Opens a checkpoint.</summary>
    /// <param name="checkpoint">Its folder.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="precision">Its arithmetic.</param>
    /// <param name="text">A text encoder by path; null: the checkpoint's own.</param>
    public SimulatedPolicies(string checkpoint, Device device, Precision precision, string? text)
    {
        _precision = precision;
        _model = PolicySource.Open(checkpoint, device);
        try
        {
            Name = $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(checkpoint)))}, parameters {_model.Module.Parameters.Fingerprint()[..8]}";
            _text = text is null ? null : PolicySource.OpenText(text);
        }
        catch
        {
            _model.Dispose();
            throw;
        }
    }

    /// <summary>The checkpoint's folder, and what tells its parameters from those that a longer training would leave there.</summary>
    public string Name { get; }

    /// <summary>A policy for a robot.</summary>
    /// <exception cref="ArgumentException">The checkpoint was not trained for it: it lacks the head, a camera, or the statistics.</exception>
    public IPolicy For(SimulatedEnvironment environment) =>
        new CrossFormerPolicy(_model, environment.Profile, new PolicyOptions { Precision = _precision, ReleaseWeights = false, TextEncoder = _text });

    public void Dispose()
    {
        _text?.Dispose();
        _model.Dispose();
    }
}
