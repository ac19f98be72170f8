namespace CrossFormer.Data.OpenX;

/// <summary>Gripper conventions of the datasets, made one: 1 is open, 0 is closed. Source: the reference's data/utils/data_utils.py.</summary>
internal static class GripperActions
{
    private const float Open = 0.95f;
    private const float Closed = 0.05f;
    private const float Moving = 0.1f;

    /// <summary>
    /// Openings made 0 or 1. A gripper in between (0.05 to 0.95, both included) takes the state that it reaches afterwards;
    /// when the episode ends in between, those last steps all take the very last value as it is.
    /// </summary>
    public static float[] Binarize(ReadOnlySpan<float> openings)
    {
        var states = new float[openings.Length];
        var state = openings.IsEmpty ? 0 : openings[^1];
        for (var i = openings.Length - 1; i >= 0; i--)
            states[i] = state = openings[i] > Open ? 1 : openings[i] < Closed ? 0 : state;
        return states;
    }

    /// <summary>
    /// Commands (above 0.1 close, below −0.1 open, else stay) made states. Before the first command the gripper is taken to
    /// be in the opposite state, or open when there is none.
    /// </summary>
    public static float[] RelativeToAbsolute(ReadOnlySpan<float> commands)
    {
        var states = new float[commands.Length];
        var state = 1f;
        foreach (var command in commands)
        {
            if (command is > Moving or < -Moving)
            {
                state = command > Moving ? 1 : 0;
                break;
            }
        }

        for (var i = 0; i < states.Length; i++)
            states[i] = state = commands[i] < -Moving ? 1 : commands[i] > Moving ? 0 : state;
        return states;
    }
}
