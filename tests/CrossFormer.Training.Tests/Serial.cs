// torch has one random generator for the whole process, which dropout draws from: tests beside each other would disturb it.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
