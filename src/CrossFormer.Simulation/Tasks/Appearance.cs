using CrossFormer.Simulation.MuJoCo;

namespace CrossFormer.Simulation.Tasks;

/// <summary>How a world looks: changes from episode to episode around what the model says, and never what a thing is.</summary>
internal sealed unsafe class Appearance
{
    private const double LightChange = 0.25, LightShift = 0.3, CameraShift = 0.004, Tint = 0.08;

    private readonly Physics _physics;
    private readonly float[] _colors, _diffuse;
    private readonly double[] _lights, _cameras;
    private readonly List<int> _tinted = [];

    public Appearance(Physics physics)
    {
        _physics = physics;
        var m = physics.Model;
        _colors = new Span<float>(m->geom_rgba, 4 * m->ngeom).ToArray();
        _diffuse = new Span<float>(m->light_diffuse, 3 * m->nlight).ToArray();
        _lights = new Span<double>(m->light_pos, 3 * m->nlight).ToArray();
        _cameras = new Span<double>(m->cam_pos, 3 * m->ncam).ToArray();
    }

    /// <summary>Lets a geom's colour vary a little.</summary>
    public void Vary(params ReadOnlySpan<string> geoms)
    {
        foreach (var geom in geoms)
            _tinted.Add(_physics.Geom(geom));
    }

    /// <summary>A geom's colour, until the next <see cref="Randomize"/>; r, g, b from 0 to 1.</summary>
    public void Paint(int geom, (float R, float G, float B) color)
    {
        var rgba = _physics.Model->geom_rgba + 4 * geom;
        (rgba[0], rgba[1], rgba[2]) = color;
    }

    /// <summary>New light, tints, and cameras that are not quite where they were.</summary>
    public void Randomize(Random random)
    {
        var m = _physics.Model;
        _colors.CopyTo(new Span<float>(m->geom_rgba, _colors.Length));
        var brightness = 1 + LightChange * Signed(random);
        for (var i = 0; i < _diffuse.Length; i++)
            m->light_diffuse[i] = (float)(_diffuse[i] * brightness);
        for (var i = 0; i < _lights.Length; i++)
            m->light_pos[i] = _lights[i] + (i % 3 == 2 ? 0 : LightShift * Signed(random));
        for (var i = 0; i < _cameras.Length; i++)
            m->cam_pos[i] = _cameras[i] + CameraShift * Signed(random);
        foreach (var geom in _tinted)
        {
            for (var c = 0; c < 3; c++)
                m->geom_rgba[4 * geom + c] = (float)Math.Clamp(_colors[4 * geom + c] + Tint * Signed(random), 0, 1);
        }
    }

    private static double Signed(Random random) => 2 * random.NextDouble() - 1;
}
