using CrossFormer.Training.Optimizers;
using CrossFormer.Training.Steps;

namespace CrossFormer.Training.Runs;

/// <summary>Means over the steps between two lines of the log.</summary>
internal sealed class StepMeans
{
    private readonly Dictionary<string, (double Sum, int Count)> _heads = [];
    private double _loss;
    private int _steps, _samples;
    private TimeSpan _time, _waited;

    public void Waited(TimeSpan time) => _waited += time;

    public void Add(TrainingStepResult result, int samples, TimeSpan time)
    {
        (_steps, _samples, _time, _loss) = (_steps + 1, _samples + samples, _time + time, _loss + result.Losses.Total);
        // A batch without samples of a head says nothing about it.
        foreach (var (name, head) in result.Losses.Heads.Where(h => h.Value.SampleFraction > 0))
        {
            var (sum, count) = _heads.GetValueOrDefault(name);
            _heads[name] = (sum + head.Loss, count + 1);
        }
    }

    public LogLine ToLine(int step, StepInfo info, IReadOnlyList<ValidationResult>? validation) => new(
        step, _loss / _steps, _heads.ToDictionary(h => h.Key, h => h.Value.Sum / h.Value.Count), info.LearningRate, info.GradientNorm, info.UpdateNorm,
        info.ParameterNorm, _samples / _time.TotalSeconds, _waited / _time, validation);
}
