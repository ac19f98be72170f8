using CrossFormer.Policies;
using CsCheck;

namespace CrossFormer.Core.Tests.Policies;

public class HistoryWindowTests
{
    [Fact]
    public void RepeatFirst_IsAlwaysFull_AndMarksTheRepetitions()
    {
        var window = new HistoryWindow<int>(3);
        Assert.Equal((0, 0), (window.Length, window.PadMask.Length));
        window.Push(Step(1));
        Assert.Equal([1, 1, 1], window.Items("k"));
        Assert.Equal([false, false, true], window.PadMask);
        window.Push(Step(2));
        Assert.Equal([1, 1, 2], window.Items("k"));
        Assert.Equal([false, true, true], window.PadMask);
        window.Push(Step(3));
        window.Push(Step(4));
        Assert.Equal([2, 3, 4], window.Items("k"));
        Assert.Equal([true, true, true], window.PadMask);
    }

    [Fact]
    public void Grow_BeginsWithOneStep_AndMarksNothing()
    {
        var window = new HistoryWindow<int>(3, WindowPadding.Grow);
        window.Push(Step(1));
        Assert.Equal([1], window.Items("k"));
        window.Push(Step(2));
        Assert.Equal([1, 2], window.Items("k"));
        Assert.Equal([true, true], window.PadMask);
        window.Push(Step(3));
        window.Push(Step(4));
        Assert.Equal([2, 3, 4], window.Items("k"));
        Assert.Equal([true, true, true], window.PadMask);
    }

    [Fact]
    public void Window_IsTheTailOfAllItems_PaddedWithTheFirst() =>
        Gen.Select(Gen.Int[1, 6], Gen.Enum<WindowPadding>(), Gen.Int[0, 20].Array[1, 15]).Sample((size, padding, items) =>
        {
            var window = new HistoryWindow<int>(size, padding);
            for (var n = 1; n <= items.Length; n++)
            {
                window.Push(Step(items[n - 1]));
                var tail = items[Math.Max(0, n - size)..n];
                var pad = padding == WindowPadding.Grow ? 0 : size - tail.Length;
                Assert.Equal([.. Enumerable.Repeat(items[0], pad), .. tail], window.Items("k"));
                Assert.Equal([.. Enumerable.Repeat(false, pad), .. Enumerable.Repeat(true, tail.Length)], window.PadMask);
            }
        });

    [Fact]
    public void EveryItem_IsReleasedOnce_WhenItLeaves()
    {
        var released = new List<int>();
        var window = new HistoryWindow<int>(2, release: released.Add);
        window.Push(Step(1));
        window.Push(Step(2));
        window.Push(Step(3));
        Assert.Equal([1], released);
        window.Clear();
        Assert.Equal([1, 2, 3], released);
        window.Clear();
        Assert.Equal(3, released.Count);
        window.Push(new Dictionary<string, int> { ["other"] = 4 });
        Assert.Equal([4, 4], window.Items("other"));
    }

    [Fact]
    public void OtherKeysThanBefore_AreRefused_AndChangeNothing()
    {
        var window = new HistoryWindow<int>(2);
        window.Push(Step(1));
        var error = Assert.Throws<ArgumentException>(() => window.Push(new Dictionary<string, int> { ["other"] = 2 }));
        Assert.Contains("(k), got other", error.Message);
        Assert.Throws<ArgumentException>(() => window.Push(new Dictionary<string, int> { ["k"] = 1, ["l"] = 2 }));
        Assert.Throws<ArgumentException>(() => window.Push(new Dictionary<string, int>()));
        Assert.Equal([1, 1], window.Items("k"));
    }

    [Fact]
    public void StepsAndKeysThatAreNotThere_AreRefused()
    {
        var window = new HistoryWindow<int>(2);
        Assert.Throws<ArgumentOutOfRangeException>(() => window["k", 0]);
        window.Push(Step(1));
        Assert.Contains("it has k", Assert.Throws<KeyNotFoundException>(() => window["l", 0]).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => window["k", 2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => new HistoryWindow<int>(0));
    }

    private static Dictionary<string, int> Step(int item) => new() { ["k"] = item };
}
