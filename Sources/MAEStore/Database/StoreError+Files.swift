import Glibc
import MAEFiles

extension StoreError {
    /// The error for a file or folder of a store that cannot be used.
    init(_ error: FileError, _ what: String) {
        if error.isDiskFull {
            self.init(.diskFull, path: error.path, "\(what): \(error.reason); free some space, then resume the run")
        } else if error.problem == .system(ELOOP) {
            self.init(.inaccessible, path: error.path, "\(what): it is a link; put the file itself there")
        } else {
            self.init(
                .inaccessible, path: error.path, "\(what): \(error.reason); check the path and its permissions")
        }
    }

    /// The error for a path where no run was ever kept.
    static func noStore(_ path: String) -> StoreError {
        StoreError(
            .inaccessible, path: path,
            "there is no store here: mae-coord verify --store DIR makes one; name the folder of a run that there was")
    }
}
