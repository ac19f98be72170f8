namespace CrossFormer.Data.TfRecords;

/// <summary>What a feature of a <c>tf.train.Example</c> holds.</summary>
public enum ExampleFeatureKind : byte
{
    /// <summary>The example has no such feature, or one of no kind, which TensorFlow takes for absent too.</summary>
    Absent,
    /// <summary>Byte strings: texts, encoded images, raw tensors.</summary>
    BytesList,
    /// <summary>float32 values.</summary>
    FloatList,
    /// <summary>Signed 64-bit integers.</summary>
    Int64List,
}
