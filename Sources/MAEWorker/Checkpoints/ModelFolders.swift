import MAECheckpoint
import MAEContent
import MAEFiles

/// The folders of this machine that jobs may name files in.
///
/// A coordinator learns of what is elsewhere neither what it holds nor whether it is there: a path that leads out of these
/// folders is as good as one where nothing is.
public struct ModelFolders: Sendable {
    /// The folders, as they were named.
    private let folders: [String]

    /// Allows `folders` with all that is in them.
    public init(_ folders: [String]) { self.folders = folders }

    /// Those that are not there now.
    public var missing: [String] { folders.filter { !FileSystem.isDirectory($0) } }

    /// Whether the file or folder at `path`, or the model of that name in the hub cache, may be looked at.
    ///
    /// With it goes what readers look at next to a file and in a folder. So no link there may lead out of the folders either.
    func admit(_ path: String) -> Bool {
        let path = HubCache.default.folder(ofModel: path) ?? path
        let folder = FileSystem.isDirectory(path) ? path : FileSystem.split(path).folder
        return contain(path) && contain(folder) && FileSystem.links(in: folder).allSatisfy { contain($0.destination) }
    }

    /// Whether the files of `listing` may be read.
    func admit(_ listing: FileListing) -> Bool { admit(listing.path) && listing.paths.allSatisfy(contain) }

    /// Whether `path` leads into one of the folders, links followed.
    private func contain(_ path: String) -> Bool {
        // Nothing outside is even asked for when nothing is allowed.
        guard !folders.isEmpty, let place = FileSystem.place(of: path) else { return false }
        return folders.lazy.compactMap(FileSystem.realPath).contains { folder in
            place == folder || place.hasPrefix(folder == "/" ? folder : folder + "/")
        }
    }
}
