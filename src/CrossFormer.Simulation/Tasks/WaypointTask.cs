using CrossFormer.Simulation.Robots;

namespace CrossFormer.Simulation.Tasks;

/// <summary>Go to where the goal image was taken, before one of several things, and stop there. Actions are waypoints in the plane.</summary>
internal abstract class WaypointTask : SimulationTask
{
    private readonly int _body;
    private readonly Approach _approach;
    private readonly Arrival _arrival;

    /// <param name="name">The task.</param>
    /// <param name="mjcf">The world.</param>
    /// <param name="body">The robot's body in it.</param>
    /// <param name="places">How many things there are.</param>
    /// <param name="approach">How an expert goes to one.</param>
    /// <param name="arrival">When the robot is there.</param>
    protected WaypointTask(string name, string mjcf, string body, int places, Approach approach, Arrival arrival) : base(name, mjcf)
    {
        (_body, _approach, _arrival) = (Physics.Body(body), approach, arrival);
        Places = new Vector3d[places];
    }

    public override bool TakesInstructions => false;

    public override bool TakesGoalImages => true;

    public override string GoalCamera => "image_nav";

    /// <summary>The robot rests near where the goal image was taken.</summary>
    public override bool IsDone => _arrival.IsDone && !IsLost;

    public override double Reward => 1 - Math.Tanh((Here - Goal).Horizontal);

    public override int Choices => Places.Length;

    /// <summary>Where the things stand.</summary>
    protected Vector3d[] Places { get; }

    /// <summary>Where the robot is to come to, and how it looks there.</summary>
    protected Vector3d Goal { get; private set; }

    protected double GoalYaw { get; private set; }

    protected Vector3d Here => Physics.BodyPosition(_body);

    protected double Yaw => Physics.Yaw(_body);

    protected int Body => _body;

    public override float[] HoldAction() => [0, 0];

    public override float[] ExpertAction() => Toward(Goal);

    public override float[] ActionFor(int choice) => Toward(Before(choice, Here, aside: 0).Place);

    protected override void EndAction() => _arrival.Update(Here, Goal);

    /// <summary>Makes the place before a thing the goal.</summary>
    /// <param name="place">Which thing.</param>
    /// <param name="from">From which side.</param>
    /// <param name="aside">How far round it from there, in rad.</param>
    protected void Choose(int place, Vector3d from, double aside) => (Goal, GoalYaw) = Before(place, from, aside);

    /// <summary>When all is where the episode begins.</summary>
    protected void Begin(Vector3d start) => _arrival.Begin(start);

    private (Vector3d Place, double Yaw) Before(int place, Vector3d from, double aside)
    {
        var back = from - Places[place];
        var bearing = Math.Atan2(back.Y, back.X) + aside;
        return (Places[place] + _approach.StandOff * Vector3d.Heading(bearing), bearing + Math.PI);
    }

    private float[] Toward(Vector3d goal) =>
        Waypoint.Toward(Here, Yaw, Detour.Toward(Here, goal, Places, _approach.Clearance), _approach.Share, _approach.MaxStep);

    /// <summary>How an expert goes to a thing.</summary>
    /// <param name="StandOff">How far before it it stops, in m.</param>
    /// <param name="Clearance">How far from others it keeps, in m.</param>
    /// <param name="Share">Of the remaining way in one control step.</param>
    /// <param name="MaxStep">Longest control step, in m.</param>
    protected sealed record Approach(double StandOff, double Clearance, double Share, double MaxStep);
}
