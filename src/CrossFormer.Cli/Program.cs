using CrossFormer.Cli;

ProcessEnvironment.Prepare();
return await CommandLine.RunAsync(args, Console.Out, Console.Error);
