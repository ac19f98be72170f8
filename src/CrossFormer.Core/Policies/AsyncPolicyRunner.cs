namespace CrossFormer.Policies;

/// <summary>
/// Drives a real robot: a control step happens every period whether the policy has finished thinking or not. The next
/// chunk is predicted on a worker thread while the last one is executed; when it comes, the actions whose time has
/// passed are skipped, by the observation's timestamp. Between policy and robot stand a watchdog for stale frames, the
/// profile's limits, and a stop on NaN and infinities.
/// </summary>
/// <remarks>
/// <para>One run: <see cref="RunAsync"/>, or <see cref="StartAsync"/> and then <see cref="Tick"/> from a loop of your own.
/// Make a new runner for the next run.</para>
/// <para>Thread-safe. <see cref="Submit"/> never waits for the robot or the policy, so a camera's thread may call it. The
/// robot is called by one thread at a time; after its <see cref="IRobot.Stop"/> it is not called again. The policy is
/// called on the worker only, and neither policy nor robot is disposed.</para>
/// </remarks>
public sealed class AsyncPolicyRunner : IAsyncDisposable
{
    private readonly Lock _frames = new(); // guards _latest and _late
    private readonly Lock _control = new(); // guards the rest, and every call of the robot
    private readonly IPolicy _policy;
    private readonly IRobot _robot;
    private readonly AsyncRunnerOptions _options;
    private readonly TimeProvider _time;
    private readonly TimeSpan _period;
    private readonly IExecutionStrategy _strategy;
    private readonly ActionLimits _limits;
    private readonly ChunkPredictor _predictor;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly LatencyRecorder _reactionLatency = new();

    private Observation? _latest;
    private long _late;
    private ActionChunk? _ready; // predicted early, waits for the strategy to want it
    private bool _starting;
    private bool _started;
    private TimeSpan _startedAt;
    private long _step = -1; // control periods since the start
    private RunReport _counts = new();

    /// <summary>Prepares a run.</summary>
    /// <param name="policy">The policy; called on a worker thread only.</param>
    /// <param name="robot">The robot.</param>
    /// <param name="options">Null takes the defaults.</param>
    /// <param name="time">The clock of everything here; null takes the system's.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public AsyncPolicyRunner(IPolicy policy, IRobot robot, AsyncRunnerOptions? options = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(robot);
        (_policy, _robot, _options, _time) = (policy, robot, options ?? new AsyncRunnerOptions(), time ?? TimeProvider.System);
        _options.Check();
        _period = policy.Profile.Period;
        _strategy = (_options.Execution ?? policy.Profile.Execution).CreateStrategy();
        _limits = new ActionLimits(policy.Profile.Actions, _period);
        _predictor = new ChunkPredictor(policy, () => Now);
    }

    /// <summary>
    /// The runner's clock, which observations must be stamped with. On Linux the system's is CLOCK_MONOTONIC, the clock
    /// of V4L2 frames and of steady clocks elsewhere.
    /// </summary>
    public TimeSpan Now => _time.GetElapsedTime(0);

    /// <summary>What has happened so far; after the end, what happened in the run.</summary>
    public RunReport Report
    {
        get
        {
            long late;
            lock (_frames)
                late = _late;
            lock (_control)
            {
                return _counts with
                {
                    LateObservations = late,
                    PolicyStillBusy = _counts.Reason is not null && !_predictor.Idle.IsCompleted,
                    PredictionLatency = _predictor.Latency,
                    ReactionLatency = _reactionLatency.Summarize(),
                };
            }
        }
    }

    // Tests wait for these two instead of sleeping.
    internal Task PolicyIdle => _predictor.Idle;

    internal Task? Prediction
    {
        get
        {
            lock (_control)
                return _predictor.Prediction;
        }
    }

    /// <summary>Gives the runner a new observation; of several within a control period the newest counts.</summary>
    /// <returns>False when a newer one had come before: it is ignored.</returns>
    /// <exception cref="ArgumentException">It does not fit the profile, or its timestamp lies more than a control period ahead of <see cref="Now"/>: it comes from another clock, which would blind the watchdog.</exception>
    public bool Submit(Observation observation)
    {
        _policy.Profile.Check(observation);
        var ahead = observation.Timestamp - Now;
        if (ahead > _period)
        {
            throw new ArgumentException(
                $"The observation's timestamp is {ahead.TotalMilliseconds:F1} ms ahead of the runner's clock; expected at most one control period ({_period.TotalMilliseconds:F1} ms). Stamp observations with {nameof(AsyncPolicyRunner)}.{nameof(Now)}.",
                nameof(observation));
        }

        lock (_frames)
        {
            if (_latest is not null && observation.Timestamp <= _latest.Timestamp)
            {
                _late++;
                return false;
            }

            _latest = observation;
            return true;
        }
    }

    /// <summary>Runs until somebody stops it or something goes wrong; then the robot has been stopped.</summary>
    /// <param name="task">What to do.</param>
    /// <param name="current">Where the robot is, in the action's units; see <see cref="ActionLimits.Reset"/>.</param>
    /// <param name="cancellation">Stops the run like <see cref="StopAsync"/>; no exception is thrown for it.</param>
    /// <returns>What ended the run, and its counts. Faults of policy and robot are reported here, not thrown.</returns>
    /// <exception cref="InvalidOperationException">The runner has been started before.</exception>
    public async Task<RunReport> RunAsync(PolicyTask task, ReadOnlyMemory<float> current = default, CancellationToken cancellation = default)
    {
        await using var registration = cancellation.Register(() => End(StopReason.Cancelled)).ConfigureAwait(false);
        if (await StartAsync(task, current).ConfigureAwait(false))
        {
            using var timer = new PeriodicTimer(_period, _time);
            try
            {
                while (Tick())
                {
                    var next = timer.WaitForNextTickAsync(CancellationToken.None).AsTask();
                    if (await Task.WhenAny(next, _ended.Task).ConfigureAwait(false) == _ended.Task)
                        break;
                }
            }
            finally
            {
                // Whatever went wrong here, the robot does not keep moving.
                End(StopReason.Requested);
            }
        }

        return await StopAsync().ConfigureAwait(false);
    }

    /// <summary>Gives the policy its task. The first <see cref="Tick"/> may follow.</summary>
    /// <param name="task">What to do.</param>
    /// <param name="current">Where the robot is, in the action's units; see <see cref="ActionLimits.Reset"/>.</param>
    /// <returns>False when the run ended before it began; <see cref="Report"/> says why.</returns>
    /// <exception cref="InvalidOperationException">The runner has been started before.</exception>
    public async Task<bool> StartAsync(PolicyTask task, ReadOnlyMemory<float> current = default)
    {
        ArgumentNullException.ThrowIfNull(task);
        lock (_control)
        {
            if (_starting)
                throw new InvalidOperationException("This runner has been started before; make a new one for each run.");
            _limits.Reset(current.Span);
            _starting = true;
        }

        var reset = _predictor.Reset(task);
        await Task.WhenAny(reset, _ended.Task).ConfigureAwait(false);
        if (reset.IsFaulted)
            End(StopReason.PolicyFailed, reset.Exception.InnerException);
        lock (_control)
        {
            (_started, _startedAt) = (true, Now);
            return _counts.Reason is null;
        }
    }

    /// <summary>One control step: takes a finished prediction, begins one when it is time, and gives the robot exactly one command. Call it once per control period; periods that were missed are made up for.</summary>
    /// <returns>False when the run has ended.</returns>
    /// <exception cref="InvalidOperationException">Before <see cref="StartAsync"/>.</exception>
    public bool Tick()
    {
        lock (_control)
        {
            if (_counts.Reason is not null)
                return false;
            if (!_started)
                throw new InvalidOperationException($"Call {nameof(StartAsync)} before the first {nameof(Tick)}.");
            var now = Now;
            if (!Advance(now))
                return true;
            TakePrediction(now);
            if (_counts.Reason is null)
                Step(now);
            return _counts.Reason is null;
        }
    }

    /// <summary>
    /// Ends the run: stops the robot at once, on the calling thread, then waits for a prediction under way, but no longer than
    /// <see cref="AsyncRunnerOptions.StopBound"/>. May be called at any time, by any thread, more than once.
    /// </summary>
    public async Task<RunReport> StopAsync()
    {
        End(StopReason.Requested);
        try
        {
            await _predictor.Idle.WaitAsync(_options.StopBound, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The report says that the policy is still busy. Its thread is a background one and ends with the call.
        }

        return Report;
    }

    /// <summary>As <see cref="StopAsync"/>.</summary>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    // False when this control period has had its command already (the loop woke a little early).
    private bool Advance(TimeSpan now)
    {
        var step = (long)Math.Floor((now - _startedAt) / _period + 0.5);
        if (step <= _step)
            return false;
        for (var missed = step - _step - 1; missed > 0 && _strategy.HasAction; missed--)
        {
            _strategy.NextAction();
            _counts = _counts with { SkippedActions = _counts.SkippedActions + 1 };
        }

        _step = step;
        return true;
    }

    private void TakePrediction(TimeSpan now)
    {
        if (_predictor.Busy(now) > _options.MaxPredictionTime)
        {
            End(StopReason.PolicyTimedOut, new TimeoutException($"A prediction has taken longer than {_options.MaxPredictionTime.TotalSeconds} s."));
            return;
        }

        if (!_predictor.TryTake(out var chunk, out var discarded, out var fault))
            return;
        if (fault is not null)
        {
            End(StopReason.PolicyFailed, fault);
            return;
        }

        _counts = _counts with { Chunks = _counts.Chunks + 1 };
        try
        {
            _limits.Check(chunk!);
            if (chunk!.Period != _period)
                throw new ArgumentException($"Action chunk: expected a period of {_period.TotalMilliseconds} ms, as the embodiment profile has, got {chunk.Period.TotalMilliseconds} ms.");
        }
        catch (NonFiniteActionException e)
        {
            End(StopReason.NonFiniteAction, e);
            return;
        }
        catch (ArgumentException e)
        {
            End(StopReason.PolicyFailed, e);
            return;
        }

        if (discarded)
            _counts = _counts with { ExpiredChunks = _counts.ExpiredChunks + 1 };
        else
            _ready = chunk;
    }

    private void Step(TimeSpan now)
    {
        Observation? latest;
        lock (_frames)
            latest = _latest;
        var age = now - (latest?.Timestamp ?? _startedAt);
        if (age > _options.MaxObservationAge)
        {
            Stale(latest is null ? "No observation has come" : "No newer observation has come", age);
            return;
        }

        if (latest is not null)
            _predictor.Sample(latest);
        if (_ready is not null && _strategy.StepsUntilChunk == 0)
            AcceptReady(now);
        if (_ready is null && _strategy.StepsUntilChunk <= LeadSteps())
            _predictor.Begin(now);
        Act();
    }

    private void Stale(string what, TimeSpan age)
    {
        if (_options.StaleFallback == StaleFallback.Stop)
        {
            End(
                StopReason.StaleObservation,
                new TimeoutException($"{what} for {age.TotalMilliseconds:F0} ms; expected one at least every {_options.MaxObservationAge.TotalMilliseconds:F0} ms."));
            return;
        }

        _strategy.Reset();
        _ready = null;
        _predictor.Discard();
        Hold();
    }

    // Latency compensation: the chunk's actions are meant for the time from its observation on, and some of that has passed.
    private void AcceptReady(TimeSpan now)
    {
        var chunk = _ready!;
        _ready = null;
        var skip = Math.Max(0, chunk.StepAt(now));
        if (skip >= chunk.Horizon)
        {
            if (now - chunk.TimeOf(chunk.Horizon - 1) > (_options.MaxActionLateness ?? _period))
            {
                _counts = _counts with { ExpiredChunks = _counts.ExpiredChunks + 1, SkippedActions = _counts.SkippedActions + chunk.Horizon };
                return;
            }

            skip = chunk.Horizon - 1;
        }

        _strategy.Accept(chunk, skip);
        _reactionLatency.Add(now - chunk.ObservedAt);
        _counts = _counts with { SkippedActions = _counts.SkippedActions + skip };
    }

    private int LeadSteps() =>
        (int)Math.Ceiling((_predictor.RecentLatency + (_options.LatencyMargin ?? _period / 2)) / _period);

    private void Act()
    {
        if (!_strategy.HasAction)
        {
            Hold();
            return;
        }

        var action = _strategy.NextAction();
        var limited = _limits.Apply(action); // finite: so was every chunk, and an average lies between its parts
        if (Command(() => _robot.Act(action)))
            _counts = _counts with { Actions = _counts.Actions + 1, LimitedActions = _counts.LimitedActions + (limited > 0 ? 1 : 0) };
    }

    private void Hold()
    {
        if (Command(_robot.Hold))
            _counts = _counts with { Holds = _counts.Holds + 1 };
    }

    private bool Command(Action command)
    {
        try
        {
            command();
            return true;
        }
        catch (Exception e)
        {
            End(StopReason.RobotFailed, e);
            return false;
        }
    }

    // The first reason stays. The robot is stopped before anybody can see that the run has ended.
    private void End(StopReason reason, Exception? fault = null)
    {
        lock (_control)
        {
            if (_counts.Reason is not null)
                return;
            _counts = _counts with { Reason = reason, Fault = fault };
            try
            {
                _robot.Stop();
            }
            catch (Exception e)
            {
                _counts = _counts with { Reason = StopReason.RobotFailed, Fault = fault is null || fault == e ? e : new AggregateException(fault, e) };
            }

            _predictor.Close();
            _ended.TrySetResult();
        }
    }
}
