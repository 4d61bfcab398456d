import Foundation
import MAECompute
import MAEEngine

/// How programs of this package end.
public enum ProgramEnd {
    /// Ends the process with `code`.
    ///
    /// Work that hangs on a device would hold an orderly end for ever, so where some was abandoned, there is none.
    public static func exit(_ code: Int32) -> Never {
        if Engine.hasAbandonedWork {
            fflush(nil)
            _exit(code)
        }
        Foundation.exit(code)
    }
}

extension ComputeError {
    /// The exit code of a program that the error ends.
    public var exitCode: Int32 {
        switch code {
        case .invalidInput: 65
        // What this machine lacks: another machine, or a smaller batch, would do.
        case .unsupportedDevice, .deviceLost, .deviceHung, .deviceMiscomputed, .outOfMemory: 69
        case .cancelled: 70
        }
    }
}
