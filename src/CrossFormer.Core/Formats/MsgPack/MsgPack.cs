using CrossFormer.Arrays;

namespace CrossFormer.Formats;

/// <summary>
/// Flax's msgpack files: a tree of maps whose leaves are arrays. Reading finds where each array lies and leaves its elements
/// in the file. Source: the msgpack specification; flax.serialization (flax 0.7.5); orbax's msgpack_utils for tuples.
/// </summary>
public static class MsgPack
{
    /// <summary>A leaf above this many bytes is written in chunks, as Flax does: msgpack lengths have 32 bits.</summary>
    internal const int MaxChunkBytes = 1 << 30;

    /// <summary>The key by which Flax marks a map that is a chunked array.</summary>
    internal const string ChunkedKey = "__msgpack_chunked_array__";

    /// <summary>Opens a file. Its arrays are read when they are asked for.</summary>
    /// <exception cref="CorruptFileException">The file is no msgpack, or not as Flax writes it.</exception>
    public static ArrayTree Open(string path) => Read(ByteSource.OpenFile(path));

    /// <summary>Reads a tree whose arrays stay in <paramref name="source"/> until they are asked for.</summary>
    /// <exception cref="CorruptFileException">The bytes are no msgpack, or not as Flax writes it.</exception>
    public static ArrayTree Read(ByteSource source) => new MsgPackReader(source).ReadFile();

    /// <summary>
    /// Writes a tree, leaf after leaf, with no more memory than the largest leaf needs. A tree that Flax wrote is written
    /// again byte for byte.
    /// </summary>
    /// <param name="stream">Receives many small writes: a buffered stream.</param>
    /// <param name="tree">What to write.</param>
    public static void Write(Stream stream, ArrayTree tree) => new MsgPackWriter(stream, MaxChunkBytes).Write(tree);
}
