namespace CrossFormer.Training.Tests.Gates;

/// <summary>A ReLU whose input is zero to within rounding: another order of summation opens or closes it.</summary>
/// <param name="Norm">Path of the group norm before it.</param>
/// <param name="Index">Element of the norm's output, in C order.</param>
/// <param name="Input">The ReLU's input as it was computed.</param>
internal sealed record Gate(string Norm, long Index, float Input);
