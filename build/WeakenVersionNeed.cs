using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Copies a shared library and marks one of its version needs weak (VER_FLG_WEAK, one bit), so that the dynamic linker
/// loads it beside an older library. Only when that is safe: the version may be asked for by one given symbol, and no
/// relocation may use that symbol. Compiled by MSBuild (see TorchSharp.Compat.targets), hence against netstandard2.0.
/// Source of the layout: the ELF-64 object file format, and the symbol versioning chapter of the Linux Standard Base.
/// </summary>
public sealed class WeakenVersionNeed : Task
{
    private const uint SectionRela = 4, SectionDynamicSymbols = 11, SectionVersionNeeds = 0x6ffffffe, SectionVersionOfSymbol = 0x6fffffff;
    private const int SectionHeaderSize = 64, SymbolSize = 24, RelocationSize = 24;
    private const byte FlagWeak = 2;

    private byte[] _file;

    /// <summary>The library as its package brings it.</summary>
    [Required]
    public string Source { get; set; }

    /// <summary>Where the changed copy goes.</summary>
    [Required]
    public string Destination { get; set; }

    /// <summary>The version that older systems lack, for example GLIBCXX_3.4.32.</summary>
    [Required]
    public string Version { get; set; }

    /// <summary>The one symbol that may ask for it.</summary>
    [Required]
    public string Symbol { get; set; }

    public override bool Execute()
    {
        try
        {
            _file = File.ReadAllBytes(Source);
            var found = Weaken();
            Directory.CreateDirectory(Path.GetDirectoryName(Destination));
            File.WriteAllBytes(Destination + ".new", _file);
            if (File.Exists(Destination))
                File.Delete(Destination);
            File.Move(Destination + ".new", Destination);
            if (!found)
                Log.LogWarning("{0} no longer needs {1}: it is used unchanged, and this fix can be removed.", Source, Version);
        }
        catch (InvalidDataException e)
        {
            Log.LogError("{0} is not laid out as expected: {1} A version of TorchSharp that this build does not know? See TorchSharp.Compat.targets.", Source, e.Message);
        }
        catch (Exception e) when (e is ArgumentException || e is IndexOutOfRangeException || e is OverflowException)
        {
            Log.LogError("{0} is not laid out as expected: an offset lies outside of its {1} bytes ({2}).", Source, _file.Length, e.Message);
        }

        return !Log.HasLoggedErrors;
    }

    private bool Weaken()
    {
        if (_file.Length < 64 || UInt32(0) != 0x464c457f || _file[4] != 2 || _file[5] != 1)
            throw new InvalidDataException("expected a little-endian 64-bit ELF file.");
        var sections = Sections();
        var needs = Only(sections, SectionVersionNeeds);
        var symbols = Only(sections, SectionDynamicSymbols);
        var versions = Only(sections, SectionVersionOfSymbol);
        var names = sections[(int)symbols.Link];

        // A chain of needed libraries, each with a chain of needed versions; the offsets are relative, 0 ends a chain.
        var found = false;
        for (long need = needs.Offset, step = 1; step != 0; need += step)
        {
            var entry = need + UInt32(need + 8);
            for (int i = 0, count = UInt16(need + 2); i < count; i++)
            {
                if (Text(names.Offset + UInt32(entry + 8)) == Version)
                {
                    RequireUnused(UInt16(entry + 6), symbols, versions, names, sections);
                    _file[checked((int)entry + 4)] |= FlagWeak;
                    found = true;
                }

                entry += UInt32(entry + 12);
            }

            step = UInt32(need + 12);
        }

        return found;
    }

    // Weakening hides a missing symbol until it is called, so nothing may call it.
    private void RequireUnused(int version, Section symbols, Section versions, Section names, List<Section> sections)
    {
        for (long i = 0; i < symbols.Size / SymbolSize; i++)
        {
            if ((UInt16(versions.Offset + 2 * i) & 0x7fff) != version)
                continue;
            var name = Text(names.Offset + UInt32(symbols.Offset + i * SymbolSize));
            if (name != Symbol)
                throw new InvalidDataException("expected only " + Symbol + " to need " + Version + ", found " + name + ".");
            foreach (var section in sections)
            {
                for (long r = 0; section.Type == SectionRela && r < section.Size / RelocationSize; r++)
                {
                    // The upper half of r_info is the symbol's index.
                    if (UInt32(section.Offset + r * RelocationSize + 12) == i)
                        throw new InvalidDataException("expected no relocation that uses " + Symbol + ", found one.");
                }
            }
        }
    }

    private List<Section> Sections()
    {
        var start = Int64(0x28);
        if (UInt16(0x3a) != SectionHeaderSize)
            throw new InvalidDataException("expected section headers of " + SectionHeaderSize + " bytes, found " + UInt16(0x3a) + ".");
        var sections = new List<Section>();
        for (int i = 0, count = UInt16(0x3c); i < count; i++)
        {
            var header = start + (long)i * SectionHeaderSize;
            sections.Add(new Section { Type = UInt32(header + 4), Offset = Int64(header + 0x18), Size = Int64(header + 0x20), Link = UInt32(header + 0x28) });
        }

        return sections;
    }

    private static Section Only(List<Section> sections, uint type)
    {
        var found = sections.FindAll(s => s.Type == type);
        return found.Count == 1 ? found[0] : throw new InvalidDataException("expected one section of type 0x" + type.ToString("x") + ", found " + found.Count + ".");
    }

    private string Text(long offset)
    {
        var start = checked((int)offset);
        return Encoding.ASCII.GetString(_file, start, Array.IndexOf(_file, (byte)0, start) - start);
    }

    private ushort UInt16(long offset) => BitConverter.ToUInt16(_file, checked((int)offset));

    private uint UInt32(long offset) => BitConverter.ToUInt32(_file, checked((int)offset));

    private long Int64(long offset) => BitConverter.ToInt64(_file, checked((int)offset));

    private sealed class Section
    {
        public uint Type, Link;
        public long Offset, Size;
    }
}
