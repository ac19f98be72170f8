namespace CrossFormer.Simulation.Episodes;

/// <summary>
/// Makes a robot go for other things than it is told, for a while at a time and up to a random step: then nothing but what it is told says
/// what the expert would do. On an expert's own episodes the robot's way tells it too, and a policy that imitates them need not listen.
/// </summary>
/// <param name="environment">The robot.</param>
/// <param name="random">Decides when and for what.</param>
internal sealed class Distraction(SimulatedEnvironment environment, Random random)
{
    private const int Shortest = 4, Longest = 16, ShortestBreak = 2, LongestBreak = 8;

    private readonly int _last = random.Next(environment.MaxSteps * 3 / 4);
    private int _choice = -1, _left;

    /// <summary>What the robot does at this step instead; null: what the expert says.</summary>
    public float[]? Next()
    {
        if (environment.Steps >= _last)
            return null;
        if (_left == 0)
        {
            _choice = _choice < 0 ? random.Next(environment.Choices) : -1;
            _left = _choice < 0 ? random.Next(ShortestBreak, LongestBreak + 1) : random.Next(Shortest, Longest + 1);
        }

        _left--;
        return _choice < 0 ? null : environment.ActionFor(_choice);
    }
}
