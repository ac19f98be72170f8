using CrossFormer.Statistics;

namespace CrossFormer.Policies;

/// <summary>
/// All that a policy and a runner must know about one robot. A small data file, <c>configs/embodiments/NAME.jsonc</c>:
/// adding a robot touches no code. The file's fields are this record's members in snake_case; see docs/embodiments.md.
/// </summary>
/// <remarks>Immutable and safe to share between threads.</remarks>
public sealed record EmbodimentProfile
{
    /// <summary>The robot's name; a shipped profile's file has the same.</summary>
    public required string Name { get; init; }

    /// <summary>The action head to ask, for example <c>single_arm</c>.</summary>
    public required string Head { get; init; }

    /// <summary>Cameras that every observation must have; may be empty when there is proprioception.</summary>
    public IReadOnlyList<CameraInput> Cameras { get; init; } = [];

    /// <summary>Proprioception that every observation must have; may be empty when there are cameras.</summary>
    public IReadOnlyList<ProprioceptionInput> Proprioception { get; init; } = [];

    /// <summary>The entry of <c>dataset_statistics.json</c> that normalises this robot's proprioception and un-normalises its actions.</summary>
    public required string Statistics { get; init; }

    /// <summary>How the head's outputs were normalised in training.</summary>
    public Normalization ActionNormalization { get; init; } = Normalization.Normal;

    /// <summary>The action's dimensions in order, with units and limits; as many as the robot takes, at most the head's.</summary>
    public required IReadOnlyList<ActionDimension> Actions { get; init; }

    /// <summary>Actions per second, 0.001 to 1000 Hz.</summary>
    public required double ControlRate { get; init; }

    /// <summary>Observations that the model sees at once, at least 1 and at most the model's horizon.</summary>
    public int Window { get; init; } = 5;

    /// <summary>What the window looks like at the beginning of an episode.</summary>
    public WindowPadding WindowPadding { get; init; }

    /// <summary>How chunks become actions unless the caller says otherwise.</summary>
    public ExecutionOptions Execution { get; init; } = new();

    /// <summary>Time from one action to the next: 1 / <see cref="ControlRate"/>.</summary>
    public TimeSpan Period => TimeSpan.FromSeconds(1 / ControlRate);

    /// <summary>Folder of the profiles that come with the program: <c>configs/embodiments</c> beside it.</summary>
    public static string ShippedFolder { get; } = Path.Combine(AppContext.BaseDirectory, "configs", "embodiments");

    /// <summary>Names of the profiles that come with the program, in order.</summary>
    public static IReadOnlyList<string> ShippedNames =>
        Directory.Exists(ShippedFolder)
            ? [.. Directory.EnumerateFiles(ShippedFolder, "*.jsonc").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal)]
            : [];

    /// <summary>Loads a shipped profile by its name, or any by the path of its file.</summary>
    /// <param name="nameOrPath">A name such as <c>single_arm</c>; a path if it has a folder or ends in <c>.jsonc</c> or <c>.json</c>.</param>
    /// <exception cref="FileNotFoundException">There is no such profile; the message names those there are.</exception>
    /// <exception cref="EmbodimentProfileException">The file is no valid profile.</exception>
    public static EmbodimentProfile Load(string nameOrPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(nameOrPath);
        var isPath = Path.GetFileName(nameOrPath) != nameOrPath || Path.GetExtension(nameOrPath) is ".jsonc" or ".json";
        var path = isPath ? nameOrPath : Path.Combine(ShippedFolder, nameOrPath + ".jsonc");
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                isPath
                    ? $"No embodiment profile at {Path.GetFullPath(path)}."
                    : $"No embodiment profile '{nameOrPath}' in {ShippedFolder}; it has {string.Join(", ", ShippedNames)}. Give the path of a file for one of your own.",
                path);
        }

        return Parse(File.ReadAllBytes(path), path);
    }

    /// <summary>Reads a profile from JSON; comments and trailing commas are allowed, unknown fields are not.</summary>
    /// <param name="utf8">The JSON text.</param>
    /// <param name="file">What to call it in errors.</param>
    /// <exception cref="EmbodimentProfileException">It is no valid profile.</exception>
    public static EmbodimentProfile Parse(ReadOnlyMemory<byte> utf8, string file) => EmbodimentProfileReader.Read(utf8, file);

    /// <summary>Checks an observation against the cameras and the proprioception of this profile. What the profile does not name is ignored.</summary>
    /// <exception cref="ArgumentException">Something is missing or has the wrong shape.</exception>
    public void Check(Observation observation)
    {
        ArgumentNullException.ThrowIfNull(observation);
        foreach (var camera in Cameras)
        {
            if (!observation.Contains(camera.Key))
                throw Missing(observation, camera.Key, "uint8[height,width,3] or an encoded image");
        }

        foreach (var input in Proprioception)
        {
            if (!observation.Arrays.TryGetValue(input.Key, out var array))
                throw Missing(observation, input.Key, $"float32[{input.Dimension}]");
            if (array.Shape[0] != input.Dimension)
                throw new ArgumentException($"Observation '{input.Key}': the profile '{Name}' expects float32[{input.Dimension}], got {array}.", nameof(observation));
        }
    }

    private ArgumentException Missing(Observation observation, string key, string expected) =>
        new(
            $"Observation '{key}' is missing: the profile '{Name}' expects {expected}; got {string.Join(", ", observation.Arrays.Keys.Concat(observation.EncodedImages.Keys))}.",
            nameof(observation));
}
