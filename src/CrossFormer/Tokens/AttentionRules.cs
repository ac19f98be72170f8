using System.IO.Enumeration;

namespace CrossFormer.Tokens;

/// <summary>Which groups a group attends to: patterns with <c>*</c> and <c>?</c> over group names, the first that matches decides; none means never.</summary>
public sealed class AttentionRules
{
    private readonly (string Pattern, AttentionRule Rule)[] _rules;

    /// <summary>Rules in order of precedence.</summary>
    public AttentionRules(params (string Pattern, AttentionRule Rule)[] rules) => _rules = rules;

    /// <summary>The rule towards a group.</summary>
    public AttentionRule Towards(string group)
    {
        foreach (var (pattern, rule) in _rules)
        {
            if (FileSystemName.MatchesSimpleExpression(pattern, group, ignoreCase: false))
                return rule;
        }

        return AttentionRule.Never;
    }

    /// <summary>Whether a token at <paramref name="step"/> may attend to one of <paramref name="group"/> at <paramref name="otherStep"/>; prefix tokens are at step −1.</summary>
    public bool Allows(int step, string group, int otherStep) => Towards(group) switch
    {
        AttentionRule.Causal => otherStep <= step,
        AttentionRule.Current => otherStep == step,
        AttentionRule.StrictPast => otherStep < step,
        AttentionRule.All => true,
        _ => false,
    };

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", _rules.Select(r => $"{r.Pattern}: {r.Rule}"));
}
