import Glibc

/// Whole files of arrays, written under a temporary name first.
enum NpyFile {
    /// Makes `header` and then `elements` the content of the file at `path`.
    ///
    /// The bytes go to a file of another name in the same folder, are flushed to disk, and the file is renamed: a crash
    /// leaves the old file or none, never half of the new one.
    static func write(
        header: NpyHeader, elements: UnsafeRawBufferPointer, to path: String
    ) throws(TensorError) {
        let temporary = path + ".\(getpid())-\(UInt32.random(in: 0 ... .max)).part"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw unwritable(path, errno) }
        var failure = header.encoded.withUnsafeBytes { write($0, into: descriptor) }
        if failure == nil { failure = write(elements, into: descriptor) }
        if failure == nil, fsync(descriptor) != 0 { failure = errno }
        if close(descriptor) != 0, failure == nil { failure = errno }
        if failure == nil, rename(temporary, path) != 0 { failure = errno }
        if let failure {
            // The first error is the one to report; what cannot be removed stays as a .part file.
            unlink(temporary)
            throw unwritable(path, failure)
        }
    }

    private static func write(_ piece: UnsafeRawBufferPointer, into descriptor: CInt) -> CInt? {
        var done = 0
        while done < piece.count {
            let count = Glibc.write(descriptor, piece.baseAddress?.advanced(by: done), piece.count - done)
            if count < 0, errno == EINTR { continue }
            if count < 0 { return errno }
            done += count
        }
        return nil
    }

    private static func unwritable(_ path: String, _ code: CInt) -> TensorError {
        let remedy =
            switch code {
            case ENOENT: "Make the folder first."
            case EACCES, EROFS: "Choose a folder this user may write to."
            case EISDIR: "Name a file, not a folder."
            case ENOSPC, EDQUOT: "Free some space on the disk."
            default: "Check the file system it lies on."
            }
        return TensorError(
            .unwritableFile, path: path, "cannot be written: \(String(cString: strerror(code))). \(remedy)")
    }
}
