using System.ComponentModel.DataAnnotations;

namespace CrossFormer.Training.Configuration;

/// <summary>Image encoders start from a published ResNet-26 (reference: train_utils.py, resnet_26_loader).</summary>
public sealed record EncoderInitializationConfiguration
{
    /// <summary>The file's name in a repository of the Hub.</summary>
    public const string FileName = "params.npz";

    /// <summary>The file <c>params.npz</c>, or <c>hf://owner/name</c> of a repository that holds it.</summary>
    [MinLength(1)]
    public required string Path { get; init; }

    /// <summary>Encoders without FiLM too. The reference leaves them out, so that the published model's navigation encoder started from scratch.</summary>
    public bool IncludePlain { get; init; }
}
