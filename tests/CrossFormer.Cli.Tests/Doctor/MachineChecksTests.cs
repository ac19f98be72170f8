using CrossFormer.Cli.Doctor;

namespace CrossFormer.Cli.Tests.Doctor;

public sealed class MachineChecksTests
{
    private const long NoLimit = long.MaxValue;

    [Fact]
    public void Processor_OfALaptopLacksWideVectorsAndTiles()
    {
        var machine = new MachineChecks("model name\t: x\nflags\t\t: fpu avx avx2 fma\nbugs\t\t: avx512f\n", "", NoLimit);

        Assert.True(machine.Avx2().Ok);
        Assert.False(machine.Avx512().Ok);
        Assert.False(machine.Bfloat16().Ok);
        Assert.False(machine.Amx().Ok);
    }

    [Fact]
    public void Processor_OfAServerHasAll()
    {
        var machine = new MachineChecks("flags\t\t: avx2 avx512f avx512_bf16 amx_bf16 amx_tile\n", "", NoLimit);

        Assert.True(machine.Avx2().Ok);
        Assert.True(machine.Avx512().Ok);
        Assert.True(machine.Bfloat16().Ok);
        Assert.Equal("amx_tile, amx_bf16", machine.Amx().Detail);
    }

    [Fact]
    public void Processor_WithoutFlagsLacksEverything()
    {
        var machine = new MachineChecks("Processor\t: ARMv8\n", "", NoLimit);

        Assert.False(machine.Avx2().Ok);
    }

    [Theory]
    [InlineData(8_388_608, 4_194_304, NoLimit, true, "4.0 GiB available of 8.0")]
    [InlineData(8_388_608, 1_048_576, NoLimit, false, "1.0 GiB available of 8.0")]
    [InlineData(8_388_608, 4_194_304, 1L << 30, false, "1.0 GiB available of 1.0")]
    public void Memory_IsTheLeastOfMachineAndContainer(long totalKiloBytes, long availableKiloBytes, long limit, bool ok, string detail)
    {
        var memory = new MachineChecks("", $"MemTotal:  {totalKiloBytes} kB\nMemFree: 1 kB\nMemAvailable:  {availableKiloBytes} kB\n", limit).Memory();

        Assert.Equal(ok, memory.Ok);
        Assert.StartsWith(detail, memory.Detail);
    }
}
