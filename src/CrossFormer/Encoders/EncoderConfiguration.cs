using System.Text.Json.Nodes;
using CrossFormer.Configuration;
using CrossFormer.Parameters;

namespace CrossFormer.Encoders;

/// <summary>An image encoder's settings: a record per kind, next to the class it builds.</summary>
public abstract record EncoderConfiguration
{
    /// <summary>Whether the encoder is conditioned by FiLM on the task's vector.</summary>
    public bool UseFilm { get; init; }

    /// <summary>How pixels become floats.</summary>
    public ImageNormalization Normalization { get; init; }

    internal abstract IImageEncoder Build(ParameterScope scope, EncoderInput input);

    /// <summary>Name of the class in the reference, which is also Flax's name for the submodule, followed by <c>_0</c>.</summary>
    internal abstract string ReferenceName { get; }

    internal abstract JsonObject Kwargs();

    internal ModuleSpec ToSpec() => new(ModuleTable.EncoderModule, ReferenceName, Kwargs());

    private protected static ImageNormalization ReadNormalization(SpecReader kwargs) =>
        kwargs.Choice("img_norm_type", ImageNormalization.Default, ("default", ImageNormalization.Default), ("imagenet", ImageNormalization.ImageNet));

    private protected JsonObject CommonKwargs() => new()
    {
        ["use_film"] = UseFilm,
        ["img_norm_type"] = Normalization == ImageNormalization.Default ? "default" : "imagenet",
    };
}

/// <summary>What an encoder will be given.</summary>
/// <param name="Height">Pixels.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Channels">3 for each stacked image.</param>
/// <param name="ConditionSize">Length of the FiLM vector; 0 without FiLM.</param>
internal readonly record struct EncoderInput(int Height, int Width, int Channels, int ConditionSize);
