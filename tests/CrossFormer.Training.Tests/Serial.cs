// torch has one random generator for the whole process, which dropout draws from: tests beside each other would disturb it.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
