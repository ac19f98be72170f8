using System.Text.Json.Serialization;
using CrossFormer.Data.Mixtures;

namespace CrossFormer.Training.Runs;

/// <summary>
/// Where a run stands, beside its parameters and the optimizer's state. Dropout needs nothing here: each step seeds it from the
/// run's seed and its own number.
/// </summary>
/// <param name="Step">Batches trained on.</param>
/// <param name="Loader">Where the data go on; null at a run's beginning.</param>
/// <param name="ValidationLoss">The mean validation loss at this step; null when it was not validated.</param>
internal sealed record RunState(int Step, LoaderState? Loader, [property: JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)] double? ValidationLoss);
