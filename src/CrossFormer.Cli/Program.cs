using System.Diagnostics;
using CrossFormer.Cli;

ProcessEnvironment.Prepare();
Trace.Listeners.Add(new WarningListener(Console.Error));
return await CommandLine.RunAsync(args, Console.Out, Console.Error);
