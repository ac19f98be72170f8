using CrossFormer.Simulation.Robots;

namespace CrossFormer.Simulation.Tasks;

/// <summary>
/// <c>quadruped</c>: walk forward and straight from a disturbed start. Proprioception only; actions are targets of the twelve
/// joints.
/// </summary>
/// <remarks>
/// The gait's phase, the commands and the estimated velocity are the robot's own, as on real ones: a clock, a remote control that
/// keeps to the line, a state estimator. All are in the proprioception.
/// </remarks>
internal sealed class StraightWalk : SimulationTask
{
    private const double Distance = 1.5, AsideWithin = 0.4; // m
    private const double RampTime = 1; // s, until the command is whole
    private const int ProprioceptionSize = 59;

    private static readonly string[] Phrases = ["walk forward", "walk straight ahead", "go forward"];

    private readonly int _torso, _position, _velocity;
    private readonly int[] _joints, _speeds, _actuators;
    private readonly float[] _lastAction;
    private (double Forward, double Left, double Turn) _moves;
    private double _speed, _startPhase, _gone;

    public StraightWalk() : base("quadruped", Scenery.Model(QuadrupedModel.Options, QuadrupedModel.Defaults, $"""
        <light pos="0 0 4" dir="0 0 -1" diffuse=".6 .6 .6" mode="trackcom"/>
        <geom name="floor" type="plane" size="20 20 .1" material="grid" friction="1 .02 .001"/>
        {QuadrupedModel.Body()}
        """, $"<actuator>{QuadrupedModel.Actuators()}</actuator>"))
    {
        (_torso, _position, _velocity) = (Physics.Body("torso"), Physics.Position("torso"), Physics.Velocity("torso"));
        _joints = [.. QuadrupedModel.Joints.Select(Physics.Position)];
        _speeds = [.. QuadrupedModel.Joints.Select(Physics.Velocity)];
        _actuators = [.. QuadrupedModel.Joints.Select(Physics.Actuator)];
        _lastAction = new float[_joints.Length];
        Appearance.Vary("floor", "torso");
    }

    public override string Spectator => "beside";

    public override IReadOnlyList<float> Disturbance { get; } = [.. Enumerable.Repeat(0.06f, 12)];

    public override int MaxSteps => 400;

    public override bool TakesInstructions => true;

    public override bool TakesGoalImages => false;

    public override IReadOnlyList<string> Instructions => Phrases;

    /// <summary>It has walked 1.5 m ahead and is not more than 0.4 m off the line.</summary>
    public override bool IsDone => Here.X >= Distance && Math.Abs(Here.Y) < AsideWithin && !IsLost;

    /// <summary>It has fallen.</summary>
    public override bool IsLost => Here.Z < 0.18 || Physics.BodyRotation(_torso)[8] < 0.6;

    public override double Reward => Math.Clamp(_gone / (_speed * Profile.Period.TotalSeconds), 0, 1);

    private Vector3d Here => Physics.BodyPosition(_torso);

    private double Phase => (_startPhase + Physics.Time / TrotGait.Period) % 1;

    private double Speed => _speed * Math.Min(1, Physics.Time / RampTime);

    // Back to the line, and along it.
    private double Turn => Math.Clamp(-1.5 * (Physics.Yaw(_torso) + Math.Clamp(0.8 * Here.Y, -0.4, 0.4)), -0.5, 0.5);

    /// <summary>See <c>configs/embodiments/sim_quadruped.jsonc</c>.</summary>
    public override float[] Proprioception(string key)
    {
        if (key != "proprio_quadruped")
            return base.Proprioception(key);
        var (r, v) = (Physics.BodyRotation(_torso).ToArray(), Physics.Velocities.Slice(_velocity, 6).ToArray());
        var phase = 2 * Math.PI * Phase;
        double[] values =
        [
            Math.Sin(phase), Math.Cos(phase), Speed, Turn, -r[6], -r[7], -r[8], v[3], v[4], v[5], _moves.Forward, _moves.Left, _moves.Turn,
            .. _joints.Select(j => Physics.Positions[j]), .. _speeds.Select(s => Physics.Velocities[s]), .. _lastAction.Select(a => (double)a),
        ];
        var padded = new float[ProprioceptionSize];
        for (var i = 0; i < values.Length; i++)
            padded[i] = (float)values[i];
        return padded;
    }

    public override float[] HoldAction() => [.. _lastAction];

    public override float[] ExpertAction()
    {
        var r = Physics.BodyRotation(_torso);
        var targets = TrotGait.Targets(Phase, Speed, Turn, _moves, Math.Atan2(r[7], r[8]), Math.Asin(Math.Clamp(-r[6], -1, 1)));
        for (var i = 0; i < targets.Length; i++)
            targets[i] = Math.Clamp(targets[i], Profile.Actions[i].Minimum ?? float.MinValue, Profile.Actions[i].Maximum ?? float.MaxValue);
        return targets;
    }

    protected override void Randomize(Random random, SceneVariation variation)
    {
        const double bend = 0.1, push = 0.3, heading = 0.3;
        // Another speed than any demonstration's, where others have other objects.
        _speed = variation == SceneVariation.Unseen ? Draw(random, 0.6, 0.7) : Draw(random, 0.4, 0.6);
        (_startPhase, _moves, _gone) = (random.NextDouble(), default, 0);
        Instruction = Draw(random, Phrases);
        Physics.Place(_position, new(0, Draw(random, -0.1, 0.1), TrotGait.StandHeight + QuadrupedModel.FootRadius + Draw(random, 0, 0.03)), Draw(random, -heading, heading));
        for (var leg = 0; leg < QuadrupedModel.Legs.Length; leg++)
        {
            var left = QuadrupedModel.Legs[leg].Left;
            TrotGait.Leg(0, left * QuadrupedModel.HipWidth, -TrotGait.StandHeight, left).CopyTo(_lastAction.AsSpan(3 * leg));
        }

        for (var i = 0; i < _joints.Length; i++)
        {
            Physics.Positions[_joints[i]] = _lastAction[i] + Draw(random, -bend, bend);
            Physics.Controls[_actuators[i]] = _lastAction[i];
        }

        (Physics.Velocities[_velocity], Physics.Velocities[_velocity + 1]) = (Draw(random, -push, push), Draw(random, -push, push));
        Physics.Velocities[_velocity + 5] = Draw(random, -push, push);
    }

    protected override void BeginAction(ReadOnlySpan<float> action)
    {
        action.CopyTo(_lastAction);
        for (var i = 0; i < action.Length; i++)
            Physics.Controls[_actuators[i]] = action[i];
        _gone = -Here.X;
    }

    protected override void EndAction()
    {
        const double filter = 0.2, turnFilter = 0.1; // what a step adds to the estimate
        _gone += Here.X;
        var v = Physics.Velocities.Slice(_velocity, 6);
        var body = new Vector3d(v[0], v[1], 0).SeenFrom(Physics.Yaw(_torso));
        _moves = (
            _moves.Forward + filter * (body.X - _moves.Forward),
            _moves.Left + filter * (body.Y - _moves.Left),
            _moves.Turn + turnFilter * (v[5] - _moves.Turn));
    }
}
