namespace CrossFormer.Data.OpenX;

/// <summary>
/// Roll, pitch, yaw (R = Rz·Ry·Rx) of a quaternion in float32. The constants are those of the graphics library that the
/// reference calls (tensorflow_graphics euler.from_quaternion); they show in the last digits, so they are kept.
/// </summary>
internal static class EulerAngles
{
    // Four float32 rounding steps, by which that library keeps divisors from zero and sines inside (−1, 1).
    private const float Epsilon = 2.384185791015625e-07f;
    private const float Shrink = 1 - Epsilon;
    private const float GimbalLock = 1e-6f;

    /// <summary>Writes roll, pitch and yaw in radians; NaN when the quaternion is much too long for a rotation.</summary>
    /// <param name="quaternion">x, y, z, w; not normalised here either.</param>
    /// <param name="angles">Three numbers.</param>
    public static void FromQuaternion(ReadOnlySpan<float> quaternion, Span<float> angles)
    {
        var (x, y, z, w) = (quaternion[0], quaternion[1], quaternion[2], quaternion[3]);
        var (tx, ty, tz) = (2 * x * Shrink, 2 * y * Shrink, 2 * z * Shrink);
        var r20 = (tz * x - ty * w) * Shrink;
        if (MathF.Abs(MathF.Abs(r20) - 1) < GimbalLock)
        {
            // Only roll and yaw together are determined: all of it is called roll.
            var r01 = (ty * x - tz * w) * Shrink;
            var r02 = (tz * x + ty * w) * Shrink;
            var sign = -Sign(r20);
            (angles[0], angles[1], angles[2]) = (MathF.Atan2(sign * r01, sign * Away(r02)), sign * (MathF.PI / 2), 0);
            return;
        }

        var r00 = (1 - (ty * y + tz * z)) * Shrink;
        var r10 = (ty * x + tz * w) * Shrink;
        var r21 = (tz * y + tx * w) * Shrink;
        var r22 = (1 - (tx * x + ty * y)) * Shrink;
        var pitch = -MathF.Asin(r20);
        var c = Sign(MathF.Cos(pitch));
        (angles[0], angles[1], angles[2]) = (MathF.Atan2(r21 * c, Away(r22) * c), pitch, MathF.Atan2(r10 * c, Away(r00) * c));
    }

    // Never zero; −1 for what is no number.
    private static float Sign(float value) => value >= 0 ? 1 : -1;

    private static float Away(float value) => Sign(value) * Epsilon + value;
}
