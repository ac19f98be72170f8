namespace CrossFormer.Simulation.Tasks;

/// <summary>A colour, in two shades, and what instructions call a thing that has it.</summary>
/// <param name="Name">As instructions call it.</param>
/// <param name="Seen">In demonstrations; r, g, b from 0 to 1.</param>
/// <param name="Unseen">Another shade of it, that no demonstration has.</param>
internal sealed record Paint(string Name, (float R, float G, float B) Seen, (float R, float G, float B) Unseen)
{
    /// <summary>Those of things on a table.</summary>
    public static IReadOnlyList<Paint> All { get; } =
    [
        new("red", (.85f, .1f, .1f), (.6f, .05f, .15f)),
        new("green", (.1f, .65f, .15f), (.3f, .8f, .3f)),
        new("blue", (.1f, .25f, .85f), (.25f, .5f, .95f)),
        new("yellow", (.95f, .8f, .1f), (.8f, .65f, .05f)),
    ];

    /// <summary>Those of things on a table in a random order.</summary>
    public static Paint[] Shuffled(Random random)
    {
        Paint[] paints = [.. All];
        random.Shuffle(paints);
        return paints;
    }

    /// <summary>The shade for a world.</summary>
    public (float R, float G, float B) For(SceneVariation variation) => variation == SceneVariation.Unseen ? Unseen : Seen;
}
