namespace CrossFormer.Simulation.Tasks;

/// <summary>Whether a robot has come to a place and stopped there.</summary>
/// <param name="radius">How near the place it must be, in m.</param>
/// <param name="stillness">How far it may move in one control step, in m.</param>
/// <param name="steps">For how many control steps on end.</param>
internal sealed class Arrival(double radius, double stillness, int steps)
{
    private Vector3d _last;
    private int _still;

    public bool IsDone => _still >= steps;

    public void Begin(Vector3d at) => (_last, _still) = (at, 0);

    /// <summary>After each control step.</summary>
    public void Update(Vector3d at, Vector3d goal)
    {
        _still = (at - goal).Horizontal < radius && (at - _last).Horizontal < stillness ? _still + 1 : 0;
        _last = at;
    }
}
