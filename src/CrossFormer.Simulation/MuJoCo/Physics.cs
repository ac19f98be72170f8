using System.Runtime.InteropServices;
using System.Text;

namespace CrossFormer.Simulation.MuJoCo;

/// <summary>A compiled model and its state: what moves, and nothing about what it is to do. Units: m, kg, s, rad.</summary>
/// <remarks>Used by one thread at a time. Names are looked up once, when a task is made; ids are what steps work with.</remarks>
internal sealed unsafe class Physics : IDisposable
{
    private static readonly Lock XmlLock = new(); // the XML reader keeps global state

    private static readonly mjtWarning[] Fatal = [mjtWarning.mjWARN_BADQPOS, mjtWarning.mjWARN_BADQVEL, mjtWarning.mjWARN_BADQACC, mjtWarning.mjWARN_BADCTRL];

    /// <summary>Compiles a model from MJCF.</summary>
    /// <exception cref="DllNotFoundException">MuJoCo is not here.</exception>
    /// <exception cref="PhysicsException">MuJoCo refuses the text; says where.</exception>
    public Physics(string mjcf)
    {
        _ = MuJoCoLibrary.Path;
        Model = Compile(mjcf);
        CheckPointers();
        Data = NewData();
    }

    public mjModel* Model { get; private set; }

    public mjData* Data { get; private set; }

    /// <summary>Simulated seconds since the last <see cref="Reset"/>.</summary>
    public double Time => Data->time;

    /// <summary>Seconds that one <see cref="Step"/> takes.</summary>
    public double TimeStep => Model->opt.timestep;

    /// <summary>Generalised positions: 7 numbers (position, quaternion w x y z) for a free body, 1 for a hinge or slide.</summary>
    public Span<double> Positions => new(Data->qpos, Model->nq);

    /// <summary>Generalised velocities: 6 numbers (linear in world axes, angular in the body's) for a free body.</summary>
    public Span<double> Velocities => new(Data->qvel, Model->nv);

    /// <summary>Actuators' set points.</summary>
    public Span<double> Controls => new(Data->ctrl, Model->nu);

    public int Body(string name) => Id(mjtObj.mjOBJ_BODY, name);

    public int Geom(string name) => Id(mjtObj.mjOBJ_GEOM, name);

    public int Site(string name) => Id(mjtObj.mjOBJ_SITE, name);

    public int Camera(string name) => Id(mjtObj.mjOBJ_CAMERA, name);

    public int Actuator(string name) => Id(mjtObj.mjOBJ_ACTUATOR, name);

    /// <summary>Where a joint's numbers begin in <see cref="Positions"/>.</summary>
    public int Position(string joint) => Model->jnt_qposadr[Id(mjtObj.mjOBJ_JOINT, joint)];

    /// <summary>Where a joint's numbers begin in <see cref="Velocities"/>.</summary>
    public int Velocity(string joint) => Model->jnt_dofadr[Id(mjtObj.mjOBJ_JOINT, joint)];

    /// <summary>A joint's limits.</summary>
    public (double Low, double High) Range(string joint)
    {
        var id = Id(mjtObj.mjOBJ_JOINT, joint);
        return (Model->jnt_range[2 * id], Model->jnt_range[2 * id + 1]);
    }

    public Vector3d BodyPosition(int body) => Vector(Data->xpos + 3 * body);

    /// <summary>Rotation matrix of a body, row by row; column k is the body's axis k in world axes.</summary>
    public ReadOnlySpan<double> BodyRotation(int body) => new(Data->xmat + 9 * body, 9);

    public Vector3d SitePosition(int site) => Vector(Data->site_xpos + 3 * site);

    public ReadOnlySpan<double> SiteRotation(int site) => new(Data->site_xmat + 9 * site, 9);

    /// <summary>A body's heading: the angle of its x axis seen from above.</summary>
    public double Yaw(int body) => Math.Atan2(Data->xmat[9 * body + 3], Data->xmat[9 * body]);

    /// <summary>The model's own state; everything that depends on positions is computed.</summary>
    public void Reset() => Mj.mj_resetData(Model, Data);

    /// <summary>Computes all that follows from positions, velocities and controls; after they were written.</summary>
    public void Forward() => Mj.mj_forward(Model, Data);

    /// <summary>
    /// One step of <see cref="TimeStep"/>. Positions and velocities are then those after it; what follows from them (poses of bodies, contacts,
    /// what cameras see) is of its beginning, a time step older, until <see cref="Forward"/> or the next step.
    /// </summary>
    /// <param name="beforeForces">Called when positions and velocities are known and forces are not, for what acts upon them; may be null.</param>
    /// <exception cref="PhysicsException">Numbers ran away. MuJoCo has reset the state by then.</exception>
    public void Step(Action? beforeForces = null)
    {
        Mj.mj_step1(Model, Data);
        beforeForces?.Invoke();
        Mj.mj_step2(Model, Data);
        foreach (var warning in Fatal)
        {
            if (((mjWarningStat*)&Data->warning)[(int)warning].number > 0)
                throw new PhysicsException($"The simulation became unstable at {Time:f3} s ({warning}).");
        }
    }

    /// <summary>Whether any geom of <paramref name="first"/> touches one of <paramref name="second"/> now.</summary>
    public bool Touch(ReadOnlySpan<int> first, ReadOnlySpan<int> second)
    {
        for (var i = 0; i < Data->ncon; i++)
        {
            var contact = Data->contact + i;
            if (contact->dist <= 0 && (first.Contains(contact->geom1) && second.Contains(contact->geom2) || first.Contains(contact->geom2) && second.Contains(contact->geom1)))
                return true;
        }

        return false;
    }

    /// <summary>Places a free body.</summary>
    /// <param name="position">Its number in <see cref="Positions"/>.</param>
    /// <param name="at">Position.</param>
    /// <param name="yaw">Heading; upright.</param>
    public void Place(int position, Vector3d at, double yaw)
    {
        var q = Positions.Slice(position, 7);
        (q[0], q[1], q[2], q[3], q[4], q[5], q[6]) = (at.X, at.Y, at.Z, Math.Cos(yaw / 2), 0, 0, Math.Sin(yaw / 2));
    }

    /// <summary>A second state of the same model, for kinematics beside the simulation or for coming back to. Freed with <see cref="Free"/>.</summary>
    public mjData* NewData()
    {
        var data = Mj.mj_makeData(Model);
        if (data is null)
            throw new PhysicsException("MuJoCo has no memory for a simulation's state.");
        return data;
    }

    public static void Free(mjData* data) => Mj.mj_deleteData(data);

    public void Dispose()
    {
        if (Data is not null)
            Mj.mj_deleteData(Data);
        if (Model is not null)
            Mj.mj_deleteModel(Model);
        Data = null;
        Model = null;
    }

    private static Vector3d Vector(double* v) => new(v[0], v[1], v[2]);

    private int Id(mjtObj type, string name)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(name + "\0"))
        {
            var id = Mj.mj_name2id(Model, (int)type, text);
            return id >= 0 ? id : throw new ArgumentException($"The model has no {type.ToString()["mjOBJ_".Length..].ToLowerInvariant()} '{name}'.", nameof(name));
        }
    }

    private static mjModel* Compile(string mjcf)
    {
        const int messageSize = 1024;
        var text = Encoding.UTF8.GetBytes(mjcf);
        var message = stackalloc byte[messageSize];
        message[0] = 0;
        var files = (mjVFS*)NativeMemory.AllocZeroed((nuint)sizeof(mjVFS));
        try
        {
            Mj.mj_defaultVFS(files);
            fixed (byte* name = "model.xml\0"u8)
            {
                if (Mj.mj_makeEmptyFileVFS(files, name, text.Length) != 0)
                    throw new PhysicsException($"MuJoCo cannot hold a model text of {text.Length} bytes.");
                text.CopyTo(new Span<byte>((void*)files->filedata[Mj.mj_findFileVFS(files, name)], text.Length));
                lock (XmlLock)
                {
                    var model = Mj.mj_loadXML(name, files, message, messageSize);
                    if (model is null)
                        throw new PhysicsException($"MuJoCo refuses the model: {Marshal.PtrToStringUTF8((nint)message)}");
                    return model;
                }
            }
        }
        finally
        {
            Mj.mj_deleteVFS(files);
            NativeMemory.Free(files);
        }
    }

    // The last guard against structs that are laid out otherwise: arrays must lie in the model's buffer, in order.
    private void CheckPointers()
    {
        nint[] pointers = [(nint)Model->qpos0, (nint)Model->body_parentid, (nint)Model->jnt_type, (nint)Model->geom_type, (nint)Model->cam_mode, (nint)Model->actuator_trntype, (nint)Model->names];
        var (begin, end) = ((nint)Model->buffer, (nint)Model->buffer + Model->nbuffer);
        if (!pointers.Order().SequenceEqual(pointers) || pointers[0] < begin || pointers[^1] > end)
            throw new PhysicsException("MuJoCo's model is not laid out as expected: the library is not the 2.2.2 that it says it is.");
    }
}
