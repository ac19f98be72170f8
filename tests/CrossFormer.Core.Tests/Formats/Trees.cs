using CrossFormer.Arrays;
using CrossFormer.Formats;
using CsCheck;

namespace CrossFormer.Core.Tests.Formats;

/// <summary>Trees to write, and how to compare them.</summary>
internal static class Trees
{
    public static Gen<NdArray> Array { get; } =
        Gen.Select(Gen.Int[0, (int)DType.Float64].Select(i => (DType)i), Gen.Int[0, 4].Array[0, 4]).SelectMany((dtype, shape) =>
            Gen.Byte.Array[NdArray.ElementCount(shape) * dtype.Size()].Select(bytes => new NdArray(dtype, shape, bytes)));

    private static Gen<ArrayTree> Leaf { get; } = Gen.OneOf(
        Gen.Const(ArrayTree.Nil),
        Array.Select(array => (ArrayTree)new ArrayTree.Leaf(new MemoryArray(array))),
        Gen.Double.Select(value => (ArrayTree)new ArrayTree.Leaf(new MemoryArray(NdArray.From([value])), isScalar: true)),
        Gen.OneOf(Gen.Long.Select(i => (Int128)i), Gen.ULong.Select(i => (Int128)i), Gen.Int[-300, 300].Select(i => (Int128)i), Gen.Int.Select(i => (Int128)i))
            .Select(value => (ArrayTree)new ArrayTree.Integer(value)),
        Gen.Double.Select(value => (ArrayTree)new ArrayTree.Real(value)),
        Gen.Select(Gen.Double, Gen.Double, (re, im) => (ArrayTree)new ArrayTree.Complex(new(re, im))),
        Gen.Bool.Select(value => (ArrayTree)new ArrayTree.Boolean(value)),
        Gen.String[0, 300].Select(value => (ArrayTree)new ArrayTree.Text(value)),
        Gen.Byte.Array[0, 300].Select(value => (ArrayTree)new ArrayTree.Binary(value)));

    public static Gen<ArrayTree> Any { get; } = Gen.Recursive<ArrayTree>((depth, tree) => depth > 2 ? Leaf : Gen.OneOf(
        Leaf,
        Gen.Dictionary(Gen.String[0, 40], tree!)[0, 6].Select(entries => (ArrayTree)new ArrayTree.Map(entries)),
        Gen.Select(tree!.Array[0, 6], Gen.Bool, (items, isTuple) => (ArrayTree)new ArrayTree.Sequence(items, isTuple))));

    public static byte[] Write(ArrayTree tree)
    {
        using var stream = new MemoryStream();
        MsgPack.Write(stream, tree);
        return stream.ToArray();
    }

    public static ArrayTree Read(byte[] bytes) => MsgPack.Read(ByteSource.FromMemory(bytes, "test"));

    /// <summary>Reads the tree and every element of it.</summary>
    public static void ReadAll(byte[] bytes)
    {
        foreach (var (_, leaf) in Read(bytes).Flatten())
            (leaf as ArrayTree.Leaf)?.Array.Read();
    }

    /// <summary>The whole content as text, so that a difference shows where it is.</summary>
    public static string Describe(ArrayTree tree) => tree switch
    {
        ArrayTree.Map map => $"{{{string.Join("; ", map.Entries.Select(e => $"{e.Key}: {Describe(e.Value)}"))}}}",
        ArrayTree.Sequence sequence => $"{(sequence.IsTuple ? "tuple" : "")}[{string.Join("; ", sequence.Items.Select(Describe))}]",
        ArrayTree.Leaf leaf => $"{(leaf.IsScalar ? "scalar " : "")}{leaf.Array} {Convert.ToHexString(leaf.Array.Read().Bytes.Span)}",
        ArrayTree.Integer { Value: var value } => $"integer {value}",
        ArrayTree.Real { Value: var value } => $"real {BitConverter.DoubleToInt64Bits(value):x}",
        ArrayTree.Complex { Value: var value } => $"complex {BitConverter.DoubleToInt64Bits(value.Real):x} {BitConverter.DoubleToInt64Bits(value.Imaginary):x}",
        ArrayTree.Boolean { Value: var value } => $"bool {value}",
        ArrayTree.Text { Value: var value } => $"text '{value}'",
        ArrayTree.Binary { Value: var value } => $"bytes {Convert.ToHexString(value.Span)}",
        _ => tree == ArrayTree.Nil ? "nil" : throw new InvalidOperationException(tree.GetType().Name),
    };
}
