using CrossFormer.Tokens;
using CsCheck;

namespace CrossFormer.Tests.Tokens;

public class AttentionMaskTests
{
    private static readonly AttentionRule[] CausalRules = [AttentionRule.Never, AttentionRule.Causal, AttentionRule.Current, AttentionRule.StrictPast];

    /// <summary>Blocks spread over tokens equal asking for every pair of tokens.</summary>
    [Fact]
    public void ToTensor_EqualsBruteForce() => Gen.Select(Gen.Int[0, 2], Gen.Int[1, 3], Gen.Int[1, 4], Gen.Int[0, 999999]).Sample(c =>
    {
        var (prefixes, groups, window, seed) = c;
        var random = new Random(seed);
        AttentionRules Rules(IEnumerable<string> towards) => new([.. towards.Select(n => (n, CausalRules[random.Next(4)]))]);
        var prefixNames = Enumerable.Range(0, prefixes).Select(i => $"task_{i}").ToArray();
        var names = Enumerable.Range(0, groups).Select(i => $"obs_{i}").ToArray();
        var prefix = prefixNames.Select(n => (Name: n, Count: random.Next(1, 4), Rules: Rules(prefixNames))).ToArray();
        var steps = names.Select(n => (Name: n, Count: random.Next(1, 4), Rules: Rules(prefixNames.Concat(names)))).ToArray();

        var tokens = prefix.SelectMany(g => Enumerable.Repeat((g.Name, Step: -1, g.Rules), g.Count))
            .Concat(Enumerable.Range(0, window).SelectMany(t => steps.SelectMany(g => Enumerable.Repeat((g.Name, Step: t, g.Rules), g.Count)))).ToArray();
        using var mask = AttentionMask.Create(prefix, steps, window).ToTensor();
        var actual = mask.data<bool>().ToArray();
        for (var i = 0; i < tokens.Length; i++)
        {
            for (var j = 0; j < tokens.Length; j++)
            {
                var rule = tokens[i].Rules.Towards(tokens[j].Name);
                var expected = rule == AttentionRule.Causal ? tokens[j].Step <= tokens[i].Step
                    : rule == AttentionRule.Current ? tokens[j].Step == tokens[i].Step
                    : rule == AttentionRule.StrictPast && tokens[j].Step < tokens[i].Step;
                if (expected != actual[i * tokens.Length + j])
                    return false;
            }
        }

        return true;
    }, iter: 200);

    [Fact]
    public void Create_RefusesARuleThatSeesTheFuture()
    {
        var rules = new AttentionRules(("obs_*", AttentionRule.All));
        Assert.Contains("causality", Assert.Throws<ArgumentException>(() => AttentionMask.Create([], [("obs_a", 1, rules)], 2)).Message);
    }

    [Fact]
    public void Create_RefusesAPrefixThatSeesATimestep()
    {
        var rules = new AttentionRules(("obs_*", AttentionRule.Causal));
        Assert.Contains("prefix", Assert.Throws<ArgumentException>(() => AttentionMask.Create([("task_a", 1, rules)], [("obs_a", 1, rules)], 2)).Message);
    }

    [Fact]
    public void Towards_TakesTheFirstPatternThatMatches()
    {
        var rules = new AttentionRules(("obs_arm", AttentionRule.Current), ("obs_*", AttentionRule.Causal));
        Assert.Equal(AttentionRule.Current, rules.Towards("obs_arm"));
        Assert.Equal(AttentionRule.Causal, rules.Towards("obs_arm2"));
        Assert.Equal(AttentionRule.Never, rules.Towards("readout_arm"));
    }
}
