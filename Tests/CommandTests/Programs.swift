import ProcessTestSupport

// Named here once instead of importing the module in every file.
typealias Program = ProcessTestSupport.Program
typealias RunningCommand = ProcessTestSupport.RunningCommand
typealias CommandResult = ProcessTestSupport.CommandResult
typealias CommandTimeout = ProcessTestSupport.CommandTimeout
